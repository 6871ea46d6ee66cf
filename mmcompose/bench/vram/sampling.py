"""Looks at the GPUs several times a second, in a thread of its own, and records the processes on them."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from mmcompose.bench.results.memory_curve import Sample
from mmcompose.deploy.machine.card_memory import CardMemory, Process, total
from mmcompose.deploy.machine.gpu_memory import Reader

_PERIOD = 0.1
_CONTAINER = re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")


class Stranger(NamedTuple):
    """A process on a watched GPU that does not belong to the measured containers."""

    pid: int
    name: str
    container: str | None
    mib: float | None


class MemorySample(NamedTuple):
    at: float
    cards: list[CardMemory]


def container_of(pid: int, proc: Path = Path("/proc")) -> str | None:
    """The full id of a process's container, by its control group; None outside of any, or for a process that is
    gone."""
    try:
        found = _CONTAINER.findall((proc / str(pid) / "cgroup").read_text("ascii", "replace"))
    except OSError:
        return None
    return found[-1] if found else None


def name_of(pid: int, proc: Path = Path("/proc")) -> str:
    try:
        return (proc / str(pid) / "comm").read_text("utf-8", "replace").strip()
    except OSError:
        return ""


@dataclass
class Sampler:
    """A context that samples from its beginning to its end, with one clock for all samples."""

    reader: Reader
    period: float = _PERIOD
    proc: Path = Path("/proc")
    now: Callable[[], float] = time.monotonic
    looks: list[MemorySample] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="gpu-memory", daemon=True)
        self._homes: dict[int, tuple[str | None, str]] = {}

    def __enter__(self) -> Self:
        if self.readable:
            self.look()
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        if self._thread.ident is not None:
            self._thread.join()

    @property
    def readable(self) -> bool:
        return self.reader.source is not None

    def look(self) -> None:
        began = self.now()
        cards = self.reader.read()
        for pid in {one.pid for card in cards for one in card.processes or ()} - set(self._homes):
            # At once: in a second the process may be gone, and nobody could say whose it was.
            self._homes[pid] = container_of(pid, self.proc), name_of(pid, self.proc)
        self.looks.append(MemorySample(began, cards))

    def _run(self) -> None:
        while not self._over.wait(self.period):
            self.look()

    def samples(self, containers: Collection[str]) -> list[Sample]:
        """The samples. `containers` are the full ids of the measured ones."""
        return [Sample(one.at, used(one.cards), self._held(one.cards, containers)) for one in list(self.looks)]

    def strangers(self, containers: Collection[str]) -> list[Stranger] | None:
        """Other processes at any time; None if that is unknown."""
        found: dict[int, Stranger] = {}
        looks = list(self.looks)
        if not looks or any(card.processes is None for one in looks for card in one.cards):
            return None
        for look in looks:
            for one in _processes(look.cards):
                home, name = self._homes.get(one.pid, (None, ""))
                if home not in containers:
                    found[one.pid] = Stranger(one.pid, name, home, one.mib)
        return list(found.values())

    def _held(self, cards: list[CardMemory], containers: Collection[str]) -> float | None:
        if not cards or any(card.processes is None for card in cards):
            return None
        ours = [one.mib for one in _processes(cards) if self._homes.get(one.pid, (None, ""))[0] in containers]
        return total(ours) if ours else None


def used(cards: list[CardMemory]) -> float | None:
    return total(card.used_mib for card in cards)


def size(cards: list[CardMemory]) -> float | None:
    return total(card.total_mib for card in cards)


def _processes(cards: list[CardMemory]) -> list[Process]:
    return [one for card in cards for one in card.processes or ()]
