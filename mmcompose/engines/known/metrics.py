"""The metrics of an engine, release by release: their names, and what each is called here.

A table is metrics.json in the folder of its engine. A concept, such as `requests_running`, is the same for every
engine; a row says under which name one engine has it, from which release to which.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Literal, NamedTuple

from mmcompose.engines.flags.versions import COMMIT, Order, key
from mmcompose.engines.known import folder

Kind = Literal["counter", "gauge", "histogram"]


class EngineMetric(NamedTuple):
    """One name in one range of releases. A counter's name includes `_total`; a histogram's has none of its endings."""

    concept: str | None  # None: the engine has it, and no figure here is made of it
    name: str
    kind: Kind
    labels: tuple[str, ...]
    unit: str | None
    since: str | None  # the first release known to have it; None: all that are known
    until: str | None  # the last one; None: still there
    source: str  # where in the engine's source, or in which of its pull requests
    select: Mapping[str, tuple[str, ...]]  # only series whose label has one of these values are meant
    same_on: tuple[str, ...] = ()  # labels of parallel workers that all report the same: the highest, not the sum
    note: str = ""


class Table(NamedTuple):
    """Everything known about the metrics of one engine. `pinned` is the release whose source has these names."""

    engine: str
    order: Order
    pinned: str | None
    path: str
    on_by: tuple[str, ...]  # settings without which there is no such path
    off_by: tuple[str, ...]
    behind_key: bool | None  # whether the API key guards the path too; None: nobody looked
    rows: tuple[EngineMetric, ...]

    def at(self, version: str | None) -> Iterator[EngineMetric]:
        """The rows of one release; without a release, those of the pinned one."""
        return (row for row in self.rows if self._has(row, version or self.pinned))

    def _has(self, row: EngineMetric, version: str | None) -> bool:
        if version is None or (row.since is None and row.until is None):
            return True
        if self.order != "release" and COMMIT.fullmatch(version):
            return version == self.pinned and self._has(row, None)
        here = key(self.order, version)
        if here is None:
            return False
        first, last = (key(self.order, end) if end else None for end in (row.since, row.until))
        return (first is None or first <= here) and (last is None or here <= last)


@cache
def table(engine: str) -> Table | None:
    """The table of an engine; None if it has none."""
    text = folder.text(engine, "metrics.json")
    return read(text) if text else None


def read(text: str) -> Table:
    data: dict[str, Any] = json.loads(text)
    rows = (folder.fixed({**row, "select": folder.fixed(row.get("select", {}))}) for row in data["rows"])
    return Table(**{**folder.fixed(data), "rows": tuple(EngineMetric(**row) for row in rows)})
