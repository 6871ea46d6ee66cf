"""What is told of an engine that a measurement leaves up, and what a suite takes down."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

import pytest

from mmcompose.cli.bench import staying
from mmcompose.deploy.docker.engine import EngineError
from tests.making import compilation

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mmcompose.deploy.docker.engine import Engine


class Docker:
    """Containers by profile, each with the hash of what it was made from; what is stopped is gone."""

    def __init__(self, **up: str) -> None:
        self.up = dict(up)

    def containers(self, _: Mapping[str, Any]) -> list[dict[str, Any]]:
        return [
            {
                "Id": name,
                "Config": {
                    "Labels": {
                        "mmcompose.project": "mm",
                        "mmcompose.profile": name,
                        "mmcompose.service": name,
                        "com.docker.compose.config-hash": made_from,
                        "com.docker.compose.project": "mm",
                    }
                },
                "State": {"Status": "running"},
            }
            for name, made_from in self.up.items()
        ]

    def stop(self, ids: list[str]) -> None:
        for name in ids:
            del self.up[name]

    def remove(self, ids: list[str]) -> None: ...

    def networks(self, _: Mapping[str, str]) -> list[str]:
        return []


class Gone(Docker):
    def containers(self, _: Mapping[str, Any]) -> list[dict[str, Any]]:
        raise EngineError("no daemon", 1)


def up(**profiles: str) -> staying.Up:
    return {name: frozenset({(name, made_from)}) for name, made_from in profiles.items()}


TOLD = {
    "begun by the run": (Docker(small="a"), up(), "small stays up; `mmcompose down small` ends it\n"),
    "up before": (Docker(small="a"), up(small="a"), ""),
    "up before with other values": (
        Docker(small="b"),
        up(small="a"),
        "small was up before and runs with other values now: `mmcompose up small` brings its own back\n",
    ),
    "gone by itself": (Docker(), up(), ""),
    "another's": (Docker(other="a"), up(), ""),
    "nobody answers": (Gone(), up(), ""),
}


@pytest.mark.parametrize(("docker", "before", "said"), TOLD.values(), ids=TOLD)
def test_a_run_tells_what_it_leaves_up(
    docker: Docker, before: staying.Up, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    staying.tell(cast("Engine", docker), "mm", "small", before)
    assert capsys.readouterr().err == said


def test_a_suite_takes_down_what_it_has_begun_and_tells_the_rest(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    there = Docker(begun="a", kept="a", changed="b", neighbour="a")

    @contextmanager
    def docker() -> Iterator[Docker]:
        yield there

    monkeypatch.setattr(staying, "docker", docker)
    staying.leave("mm", {"begun", "kept", "changed", "away"}, up(kept="a", changed="a", away="a"))
    assert there.up == {"kept": "a", "changed": "b", "neighbour": "a"}
    assert set(capsys.readouterr().err.splitlines()) == {
        "begun is down",
        "changed was up before and runs with other values now: `mmcompose up changed` brings its own back",
        "away was up before and is not now: `mmcompose up away` brings it back",
    }


def test_what_was_downloaded_for_a_model_without_a_profile_is_named_with_the_way_to_remove_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    host = "machine: {accelerator: cpu, memory: 64g, cores: 4, uid: 1000, gid: 1000}\n"
    text = "model: qwen-small\nhost: box\nbackend: llamacpp\ncaches: {cache: /cache}\nresources: {memory: 1g}\n"
    stack = compilation({"profiles/chat.yaml": text, "profiles/hosts/box.yaml": host}).stack
    assert stack is not None
    staying.tell_volumes(stack, "chat")
    name = f"{stack.project.name}-chat-cache"
    assert capsys.readouterr().err == (f"{name} stays for the next time; `docker volume rm {name}` removes it\n")
