"""The form of a reading of GPU memory, and a parser of nvidia-smi's tables. Pure."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from typing import NamedTuple

CARD_COLUMNS = ("index", "uuid", "name", "memory.used", "memory.total")
PROCESS_COLUMNS = ("gpu_uuid", "pid", "used_memory")


class Process(NamedTuple):
    """A process on a GPU; `mib` is None if the driver does not report it (WSL, MIG, some virtual GPUs)."""

    pid: int
    mib: float | None = None


class CardMemory(NamedTuple):
    """The memory of a card. `processes` is None if they cannot be listed."""

    number: int | None
    uuid: str
    name: str
    used_mib: float | None
    total_mib: float | None
    processes: tuple[Process, ...] | None = None


def total(values: Iterable[float | None]) -> float | None:
    """The sum, or None if any part is unknown."""
    known = list(values)
    return None if not known or None in known else sum(value for value in known if value is not None)


def chosen(cards: Sequence[CardMemory], wanted: Sequence[str]) -> tuple[list[CardMemory], list[str]]:
    """The requested cards, by index or UUID as people and drivers write them; and the names that match none."""
    found, missing = [], []
    for name in wanted:
        fit = [card for card in cards if name in (str(card.number), card.uuid)]
        found += fit
        missing += [] if fit else [name]
    return found, missing


def of_smi(cards: str, processes: str | None) -> list[CardMemory]:
    """Reads two tables of nvidia-smi, `--format=csv,noheader,nounits`; without the second, the processes are
    unknown."""
    held: dict[str, list[Process]] = {}
    for row in _rows(processes or "", len(PROCESS_COLUMNS)):
        uuid, pid, used = row
        if pid.isdecimal():
            held.setdefault(uuid, []).append(Process(int(pid), _mib(used)))
    return [
        CardMemory(
            int(index),
            uuid,
            name,
            _mib(used),
            _mib(size),
            None if processes is None else tuple(held.get(uuid, ())),
        )
        for index, uuid, name, used, size in _rows(cards, len(CARD_COLUMNS))
        if index.isdecimal()
    ]


def _rows(text: str, columns: int) -> list[list[str]]:
    rows = csv.reader(text.splitlines(), skipinitialspace=True)
    return [[cell.strip() for cell in row] for row in rows if len(row) == columns]


def _mib(text: str) -> float | None:
    """Memory in MiB; `[N/A]` and `[Insufficient Permissions]` are None, not 0."""
    number = text.removesuffix("MiB").strip()
    try:
        value = float(number)
    except ValueError:
        return None
    return value if value >= 0 and value != float("inf") else None
