"""Turns a run into the lines of a profile that keep its results. Pure."""

from __future__ import annotations

from mmcompose.bench.kinds import known
from mmcompose.bench.report.levels import Edit
from mmcompose.bench.results.envelope import NothingToPromoteError
from mmcompose.bench.results.record import Record, at


def edits(record: Record, several: bool, *, force: bool = False) -> list[Edit]:
    """Path and value of each edit. `several`: the profile has more than one service. `force`: levels with a late
    client count."""
    if record.status != "complete":
        raise NothingToPromoteError(f"the run is {record.status}; only one that was completed says how far it goes")
    if not at(record.result, "target", "profile"):
        raise NothingToPromoteError("the run measured an address, not a profile")
    return known.of(record.kind).edits(record, several, force=force)
