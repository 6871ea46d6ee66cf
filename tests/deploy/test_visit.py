"""A visit leaves up what was up before, takes down what it brought up, and names what is not as it was."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING, Any, NoReturn, cast

import pytest

from mmcompose.deploy.docker.engine import EngineError
from mmcompose.deploy.handover import visit
from mmcompose.deploy.handover.visit import Visit, visiting
from mmcompose.deploy.ready.events import Event
from mmcompose.deploy.start.down import volumes_kept
from mmcompose.model.failure import Failure
from tests.making import compilation

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mmcompose.deploy.docker.engine import DockerEngine
    from mmcompose.deploy.handover.visit import Note


class Docker:
    """Containers by profile, each with the hash of what it was made from; what is stopped is gone."""

    def __init__(self, **up: str) -> None:
        self.up = dict(up)

    def containers(self, labels: Mapping[str, Any]) -> list[dict[str, Any]]:
        return [
            {
                "Id": f"{name} {made_from}",
                "Name": f"/mm-{name}",
                "Config": {
                    "Labels": {
                        "mmcompose.project": "mm",
                        "mmcompose.profile": name,
                        "mmcompose.service": name,
                        "com.docker.compose.config-hash": made_from,
                        "com.docker.compose.project": "mm",
                        "com.docker.compose.service": name,
                    }
                },
                "State": {"Status": "running"},
            }
            for name, made_from in self.up.items()
            if labels.get("mmcompose.profile") in (None, name)
        ]

    def stop(self, ids: list[str]) -> None:
        for each in ids:
            self.up.pop(each.split()[0], None)

    def remove(self, ids: list[str]) -> None: ...

    def networks(self, _: Mapping[str, str]) -> list[str]:
        return []


class Gone(Docker):
    def containers(self, _: Mapping[str, Any]) -> list[dict[str, Any]]:
        raise EngineError("no daemon", 1)


@pytest.fixture(autouse=True)
def starts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A start that goes through at once: what it makes is in the order, as `name=what it is made from`."""

    class Bringing:
        def __init__(self, engine: Docker, _: object, order: Any, tell: Any, take: object) -> None:
            self.engine, self.order, self.tell = engine, order, tell

        def run(self) -> None:
            name = self.order.wanted.profile
            self.tell(Event("phase", name, phase="create"))
            if self.engine.up.get(name) != self.order.made_from:
                self.tell(Event("line", name, text=f" Container mm-{name}  Created"))
            self.engine.up[name] = self.order.made_from
            self.tell(Event("reached", name, phase="create"))

    monkeypatch.setattr(visit, "Bringing", Bringing)


class Order:
    def __init__(self, name: str, made_from: str) -> None:
        self.wanted, self.made_from = self, made_from
        self.profile = name


def bring(visit: Visit, name: str, made_from: str) -> None:
    visit.bring(cast("Any", None), cast("Any", Order(name, made_from)), lambda _: None)


STAYS = {
    "begun by the run": (Docker(), Docker(small="a"), ["small stays up; `mmcompose down small` ends it"]),
    "up before": (Docker(small="a"), Docker(small="a"), []),
    "up before with other values": (
        Docker(small="a"),
        Docker(small="b"),
        ["small was up before and runs with other values now: `mmcompose up small` brings its own back"],
    ),
    "gone by itself": (Docker(), Docker(), []),
    "another's": (Docker(), Docker(other="a"), []),
    "stopped for it": (
        Docker(other="a"),
        Docker(),
        ["other was up before and is not now: `mmcompose up other` brings it back"],
    ),
    "nobody answers": (Docker(), Gone(), []),
}


@pytest.mark.parametrize(("before", "after", "noted"), STAYS.values(), ids=STAYS)
def test_what_stays_is_named(before: Docker, after: Docker, noted: list[str]) -> None:
    notes: list[str] = []
    with visiting(cast("DockerEngine", Docker(**before.up)), "mm", notes.append, stays=True) as one:
        bring(one, "small", "a")
        one.engine = cast("DockerEngine", after)
    assert notes == noted


def test_what_was_brought_up_goes_and_the_rest_is_named() -> None:
    there, notes = Docker(kept="a", changed="a", away="a", neighbour="a"), list[str]()
    with visiting(cast("DockerEngine", there), "mm", notes.append) as one:
        bring(one, "begun", "a")
        bring(one, "begun", "b")
        bring(one, "kept", "a")
        bring(one, "changed", "b")
        del there.up["away"]
        there.up["begun by a neighbour"] = "a"
    assert there.up == {"kept": "a", "changed": "b", "neighbour": "a", "begun by a neighbour": "a"}
    assert notes == [
        "begun is down",
        "away was up before and is not now: `mmcompose up away` brings it back",
        "changed was up before and runs with other values now: `mmcompose up changed` brings its own back",
        "kept was up before, and stays up",
    ]


def broken_off(there: Docker, ending: Callable[[], object], note: Note = print) -> None:
    with visiting(cast("DockerEngine", there), "mm", note) as one:
        bring(one, "begun", "a")
        ending()


def raising(failure: BaseException) -> Callable[[], NoReturn]:
    def ending() -> NoReturn:
        raise failure

    return ending


ENDINGS = {
    "a failure": (raising(Failure("no answer")), Failure),
    "Ctrl-C": (raising(KeyboardInterrupt()), KeyboardInterrupt),
    "SIGTERM": (lambda: signal.raise_signal(signal.SIGTERM), KeyboardInterrupt),
}


@pytest.mark.parametrize(("ending", "ended"), ENDINGS.values(), ids=ENDINGS)
def test_whatever_ends_it_what_was_brought_up_goes(ending: Callable[[], object], ended: type[BaseException]) -> None:
    there = Docker()
    with pytest.raises(ended):
        broken_off(there, ending)
    assert there.up == {}


class Interrupted(Docker):
    """Its first answer to a stop is broken off, as Docker's own program is by Ctrl-C."""

    broken = 1

    def stop(self, ids: list[str]) -> None:
        if self.broken and ids:
            self.broken -= 1
            raise EngineError("interrupted", 130)
        super().stop(ids)


def test_a_clean_up_that_was_broken_off_is_done_again() -> None:
    there, notes = Interrupted(), list[str]()
    with pytest.raises(KeyboardInterrupt):
        broken_off(there, raising(KeyboardInterrupt()), notes.append)
    assert (there.up, notes) == ({}, ["begun is down"])


def test_a_clean_up_that_fails_does_not_hide_the_failure_before_it() -> None:
    there, notes = Interrupted(), list[str]()
    there.broken = 2
    with pytest.raises(Failure, match="no answer"):
        broken_off(there, raising(Failure("no answer")), notes.append)
    assert "what was started of begun may still be there: mmcompose status shows it" in notes


def test_what_was_downloaded_for_a_model_without_a_profile_is_named_with_the_way_to_remove_it() -> None:
    host = "machine: {accelerator: cpu, memory: 64g, cores: 4, uid: 1000, gid: 1000}\n"
    text = "model: qwen-small\nhost: box\nbackend: llamacpp\ncaches: {cache: /cache}\nresources: {memory: 1g}\n"
    stack = compilation({"profiles/chat.yaml": text, "profiles/hosts/box.yaml": host}).stack
    assert stack is not None
    name = f"{stack.project.name}-chat-cache"
    assert volumes_kept(stack, "chat") == f"{name} stays for the next time; `docker volume rm {name}` removes it"
