"""How long is waited, from when, and what is told meanwhile."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from mmcompose.deploy.engine import EngineError
from mmcompose.deploy.target import Target, target
from mmcompose.deploy.wait import FailedError, Waiting
from tests.making import compilation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mmcompose.deploy.events import Event

CHAT = {"profiles/chat.yaml": "model: qwen-small\nhost: box\nbackend: llamacpp\nports: {api: 8080}\n"}
BOX = {"profiles/hosts/box.yaml": "machine: {accelerator: cpu, memory: 16g, cores: 4, uid: 1000, gid: 1000}\n"}


@pytest.fixture(scope="module")
def chat() -> Target:
    made = compilation({**CHAT, **BOX})
    assert made.stack is not None
    return target(made.stack, "chat")


class Telling:
    """An engine with one container in this state, whose log ends as it is told."""

    def __init__(self, state: str, health: str = "", trouble: str = "") -> None:
        self.trouble = trouble
        labels = {"mmcompose.project": "mm", "mmcompose.profile": "chat", "mmcompose.service": "chat"}
        self.answer = {
            "Id": "c1",
            "Config": {"Labels": labels},
            "State": {"Status": state, "Health": {"Status": health}, "ExitCode": 3},
        }

    def containers(self, _: Any) -> list[dict[str, Any]]:
        return [self.answer]

    def logs(self, *_: Any, **__: Any) -> Iterator[str]:
        if self.trouble:
            raise EngineError(self.trouble)
        yield "the last line"


class Reachable(Telling):
    def __init__(self, state: str) -> None:
        super().__init__(state)
        self.answer["NetworkSettings"] = {"Ports": {"8080/tcp": [{"HostIp": "127.0.0.1", "HostPort": "1"}]}}


def waiting(engine: Any, chat: Target, timeout: float, ago: float = 0.0) -> Waiting:
    return Waiting(engine, chat, Path(), timeout, time.monotonic() - ago)


def test_an_hour_of_pulling_takes_nothing_from_the_time_that_the_engine_has(chat: Target) -> None:
    events = list(waiting(Telling("running", "healthy"), chat, timeout=60, ago=3600).events())
    assert [event.phase for event in events if event.kind == "reached"] == ["run", "health"]


def test_the_time_that_is_waited_is_told_of_the_phase_and_of_the_whole(chat: Target) -> None:
    told: list[Event] = []
    with pytest.raises(FailedError) as failed:
        told.extend(waiting(Telling("running", "starting"), chat, timeout=0.3, ago=3600).events())
    assert all((event.seconds or 0) < 60 for event in told)
    assert failed.value.cause.line.startswith("it runs, and was not ready after 0 s")


@pytest.mark.parametrize(
    "words", ["Error: No such container: c1", "can not get logs from container which is dead or marked for removal"]
)
def test_a_container_that_goes_while_its_log_is_read_is_no_fault_of_docker(chat: Target, words: str) -> None:
    with pytest.raises(FailedError) as failed:
        list(waiting(Telling("exited", trouble=words), chat, timeout=5).events())
    assert failed.value.cause.line == "it stopped by itself with exit code 3"


def test_other_words_of_docker_are_told_as_they_are(chat: Target) -> None:
    with pytest.raises(EngineError, match="Cannot connect"):
        list(waiting(Telling("exited", trouble="Cannot connect to the Docker daemon"), chat, timeout=5).events())


def test_the_wait_tells_what_was_heard_last(chat: Target) -> None:
    told = waiting(Reachable("running"), chat, timeout=60).events()
    assert any(event.kind == "tick" and "refused" in event.text for event in told)
