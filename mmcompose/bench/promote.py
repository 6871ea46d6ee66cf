"""Turns a run into a change of its profile, as its kind sees it. Pure."""

from __future__ import annotations

from collections.abc import Collection

from mmcompose.bench.kinds import known
from mmcompose.bench.results.record import Record, at
from mmcompose.bench.run.kind import Edit
from mmcompose.core.edit.in_place import edit
from mmcompose.core.read.load import load_text
from mmcompose.model.failure import Failure


def edits(record: Record, several: bool, *, force: bool = False) -> list[Edit]:
    """Path and value of each edit. `several`: the profile has more than one service. `force`: levels with a late
    client count."""
    if record.status != "complete":
        raise Failure(f"the run is {record.status}; only one that was completed says how far it goes")
    if not at(record.result, "target", "profile"):
        raise Failure("the run measured an address, not a profile")
    return known.of(record.kind).edits(record, several, force=force)


def promoted(text: str, found: Collection[Edit]) -> str:
    """The profile's text with the results of a run. Results of an earlier run that this one lacks are removed."""
    written = {path for path, _ in found}
    for path, value in [*found, *_stale(text, written)]:
        text = edit(text, path, value)
    return text


def _stale(text: str, written: Collection[tuple[str, ...]]) -> list[Edit]:
    tree, _ = load_text("profile", "", text)
    old = tree.at(("envelope",)) if tree else None
    if old is None or not isinstance(old.value, dict) or ("envelope", "kind") not in written:
        return []
    return [(("envelope", name), None) for name in old.value if ("envelope", name) not in written]
