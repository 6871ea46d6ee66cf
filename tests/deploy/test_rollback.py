"""What is done when a hand-over fails or is interrupted, in which order, and what is said of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from mmcompose.deploy.docker.engine import EngineError, Files
from mmcompose.deploy.docker.observe import deployments
from mmcompose.deploy.handover.plan import Stop
from mmcompose.deploy.handover.rollback import roll_back
from mmcompose.deploy.start.order import Order
from mmcompose.deploy.wanted import wanted_profile
from tests.deploy.containers import container
from tests.making import compilation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mmcompose.deploy.ready.events import Event

NEW = {
    "Id": "new",
    "Config": {"Labels": {"mmcompose.project": "mm", "mmcompose.profile": "new"}},
    "State": {"Status": "running"},
}


class Recording:
    """An engine that notes what it is told; `trouble` is raised by the first call of that name."""

    def __init__(self, **trouble: BaseException) -> None:
        self.reported: list[str] = []
        self.trouble = trouble

    def __getattr__(self, name: str) -> Any:
        def call(*arguments: Any) -> Any:
            if name in ("stop", "start", "remove"):
                self.reported += [f"{name} {' '.join(arguments[0])}"] if arguments[0] else []
            if name in self.trouble and (name != "stop" or arguments[0] == ["old"]):
                raise self.trouble.pop(name)
            return [NEW] if name == "containers" else []

        return call


def rolled_back(engine: Any, failure: BaseException) -> tuple[Sequence[str], Sequence[str], list[Event]]:
    """`old` of another project made room for `new`; nobody here knows how to ask it, so it is only started."""
    made = compilation({"profiles/new.yaml": "model: qwen-small\nhost: gpu-12gb\ngpu: {count: 1, devices: [0]}\n"})
    assert made.stack is not None
    events: list[Event] = []
    order = Order(wanted_profile(made.stack, "new"), Files("mm", "new", Path(), ()), Path())
    (old,) = deployments([container(id="old", project="other", profile="old")])
    return *roll_back(engine, made.stack, order, events.append, [Stop(old, ("why",))], failure), events


IN_ORDER = ["stop new", "remove new", "stop old", "start old"]


def test_a_stop_that_was_broken_off_is_finished_before_the_owner_is_started_again() -> None:
    """Docker goes on with a stop that nobody waits for any more; started too early, the owner would die of it."""
    engine = Recording()
    restored, broken, events = rolled_back(engine, KeyboardInterrupt())
    assert (engine.reported, restored, broken) == (IN_ORDER, ["other/old"], [])
    assert events[0].text == "interrupted; bringing other/old back"


@pytest.mark.parametrize("trouble", [KeyboardInterrupt(), EngineError("signal: interrupt")])
def test_a_second_interruption_does_not_leave_the_gpu_with_nobody(trouble: BaseException) -> None:
    engine = Recording(stop=trouble)
    restored, _, events = rolled_back(engine, EngineError("no"))
    assert engine.reported == ["stop new", "remove new", "stop old", "stop old", "start old"]
    assert (restored, events[0].text) == (["other/old"], "it failed; bringing other/old back")


def test_what_cannot_be_brought_back_is_reported() -> None:
    class Gone(Recording):
        def start(self, ids: Sequence[str]) -> None:
            raise EngineError("Error: the disk is gone")

    restored, broken, _ = rolled_back(Gone(), EngineError("no"))
    assert (restored, broken) == ([], ["other/old was not brought back: Error: the disk is gone"])
