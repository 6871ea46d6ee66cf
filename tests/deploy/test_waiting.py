"""How long is waited, from when, and what is told meanwhile."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from mmcompose.deploy.docker.engine import EngineError
from mmcompose.deploy.ready.wait import FailedError, Waiting
from mmcompose.deploy.wanted import WantedProfile, wanted_profile
from tests.making import compilation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mmcompose.deploy.ready.events import Event

CHAT = {"profiles/chat.yaml": "model: qwen-small\nhost: box\nbackend: llamacpp\nports: {api: 8080}\n"}
BOX = {"profiles/hosts/box.yaml": "machine: {accelerator: cpu, memory: 16g, cores: 4, uid: 1000, gid: 1000}\n"}


@pytest.fixture(scope="module")
def chat() -> WantedProfile:
    made = compilation({**CHAT, **BOX})
    assert made.stack is not None
    return wanted_profile(made.stack, "chat")


class Telling:
    """An engine with one container in this state, whose log ends as it is told."""

    def __init__(self, state: str, health: str = "", trouble: str = "") -> None:
        self.trouble = trouble
        self.last = "the last line"
        self.labels = {"mmcompose.project": "mm", "mmcompose.profile": "chat", "mmcompose.service": "chat"}
        self.answer = {
            "Id": "c1",
            "Config": {"Labels": self.labels},
            "State": {"Status": state, "Health": {"Status": health}, "ExitCode": 3},
        }

    def containers(self, _: Any) -> list[dict[str, Any]]:
        return [self.answer]

    def logs(self, *_: Any, **__: Any) -> Iterator[str]:
        if self.trouble:
            raise EngineError(self.trouble)
        yield self.last


class Reachable(Telling):
    def __init__(self, state: str) -> None:
        super().__init__(state)
        self.answer["NetworkSettings"] = {"Ports": {"8080/tcp": [{"HostIp": "127.0.0.1", "HostPort": "1"}]}}


def waiting(engine: Any, chat: WantedProfile, timeout: float, ago: float = 0.0) -> Waiting:
    return Waiting(engine, chat, Path(), timeout, time.monotonic() - ago)


def test_an_hour_of_pulling_takes_nothing_from_the_time_that_the_engine_has(chat: WantedProfile) -> None:
    events = list(waiting(Telling("running", "healthy"), chat, timeout=60, ago=3600).events())
    assert [event.phase for event in events if event.kind == "reached"] == ["run", "health"]


def test_the_waiting_time_is_reported_of_the_phase_and_of_the_whole(chat: WantedProfile) -> None:
    reported: list[Event] = []
    with pytest.raises(FailedError) as failed:
        reported.extend(waiting(Telling("running", "starting"), chat, timeout=0.3, ago=3600).events())
    assert all((event.seconds or 0) < 60 for event in reported)
    assert failed.value.cause.line.startswith("it runs, and was not ready after 0 s")


@pytest.mark.parametrize(
    "arguments", ["Error: No such container: c1", "can not get logs from container which is dead or marked for removal"]
)
def test_a_container_that_goes_while_its_log_is_read_is_no_fault_of_docker(chat: WantedProfile, arguments: str) -> None:
    with pytest.raises(FailedError) as failed:
        list(waiting(Telling("exited", trouble=arguments), chat, timeout=5).events())
    assert failed.value.cause.line == "it stopped by itself with exit code 3"


def test_other_texts_of_docker_are_reported_as_they_are(chat: WantedProfile) -> None:
    with pytest.raises(EngineError, match="Cannot connect"):
        list(waiting(Telling("exited", trouble="Cannot connect to the Docker daemon"), chat, timeout=5).events())


def test_the_wait_shows_the_last_answer(chat: WantedProfile) -> None:
    reported = waiting(Reachable("running"), chat, timeout=60).events()
    assert any(event.kind == "tick" and "refused" in event.text for event in reported)


class Complaining(Telling):
    """A server of another kind, which runs on after its last words."""

    def __init__(self, last: str) -> None:
        super().__init__("running", "starting")
        self.labels["mmcompose.backend"] = "ovms"
        self.last = last


@pytest.mark.parametrize(
    ("arguments", "cause", "reported"),
    [
        ("Could not find a model file in /models/tern", "model-not-found", "the model was not found: /models/tern"),
        ("the moon is full", "not-ready", "the engine's last error: the moon is full"),
    ],
)
def test_a_server_that_runs_on_after_its_error_is_not_waited_for_to_the_end(
    chat: WantedProfile, monkeypatch: pytest.MonkeyPatch, arguments: str, cause: str, reported: str
) -> None:
    monkeypatch.setattr("mmcompose.deploy.ready.wait._READ", 0.0)
    monkeypatch.setattr("mmcompose.deploy.ready.wait._HOPE", 0.1)
    last = f"[2026-05-11 09:14:00.001][1][serving][error][servable_initializer.cpp:99] {arguments}"
    with pytest.raises(FailedError) as failed:
        list(waiting(Complaining(last), chat, timeout=3600).events())
    assert (failed.value.cause.name, reported in failed.value.cause.line) == (cause, True), failed.value.cause
