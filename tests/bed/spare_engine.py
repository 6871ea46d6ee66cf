"""An engine that a test may kill: nobody else works on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.bed import apart, place, processes
from tests.bed.engine import program, unpack

if TYPE_CHECKING:
    from tests.bed.engine import Engine

NAME = "spare"


def ensure() -> Engine:
    """The spare engine; started again after a kill it is in a new network namespace, so take the engine returned."""
    apart.possible()
    with place.only_one(NAME):
        unpack()
        return apart.ensure(NAME, program("dockerd"))


def kill() -> None:
    """Let the daemon crash; its containers run on until it is started again."""
    processes.kill(place.folder("engines", NAME) / "process.json")
