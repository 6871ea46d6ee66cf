"""From a run to the lines of a profile that keep what it found. Pure."""

from __future__ import annotations

from typing import Any

from mmcompose.bench import knee
from mmcompose.bench.record import Record, at


class NothingToPromoteError(Exception):
    """Why this run says nothing that a profile should keep."""


def edits(record: Record, several: bool) -> list[tuple[tuple[str, ...], Any]]:
    """Path and value of each edit. `several`: the profile has more than one service."""
    if record.status != "complete":
        raise NothingToPromoteError(f"the run is {record.status}; only one that was completed says how far it goes")
    if not at(record.result, "target", "profile"):
        raise NothingToPromoteError("the run measured an address, not a profile")
    if record.kind == "vram":
        return _memory(record, several)
    return [(("envelope", name), value) for name, value in envelope(record, several).items()]


def envelope(record: Record, several: bool) -> dict[str, Any]:
    reach = knee.of(record.points)
    if reach.stable_to is None:
        broken = f": already {reach.broken_at} at once was too much" if reach.broken_at else ""
        raise NothingToPromoteError(f"no level of closed load was healthy{broken}")
    result = record.result
    gpu = next((at(card, "name") for card in result.get("gpus") or ()), None)
    found = {
        "kind": record.kind,
        "service": at(result, "target", "service") if several else None,
        "stable_to": reach.stable_to,
        "knee": reach.knee if len(record.points) > 1 else None,
        "throughput": None if reach.throughput is None else round(reach.throughput, 2),
        "unit": reach.unit,
        "image": at(result, "target", "engine", "image"),
        "digest": at(result, "target", "engine", "digest"),
        "gpu": gpu,
        "run": at(result, "run", "id"),
        "measured": str(at(result, "run", "started") or "")[:10] or None,
    }
    if not found["image"]:
        raise NothingToPromoteError("the run does not tell which image it measured")
    return {name: value for name, value in found.items() if value is not None}


def _memory(record: Record, several: bool) -> list[tuple[tuple[str, ...], Any]]:
    """The memory that was really taken, where the profile claims less or nothing."""
    from mmcompose.bench.vram import keep, report

    block = at(record.result, "vram") or {}
    service = str(at(record.result, "target", "service") or "") if several else ""
    found = keep.edits(block, service)
    if not found and not report.read(block).known_mb:
        raise NothingToPromoteError("the run could not read how much memory was taken")
    return found
