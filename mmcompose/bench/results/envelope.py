"""Turns levels of load into the range that a profile keeps. Pure."""

from __future__ import annotations

from typing import Any

from mmcompose.bench.results import knee
from mmcompose.bench.results.record import Record, at
from mmcompose.model.failure import Failure


def envelope(record: Record, several: bool, *, force: bool = False) -> dict[str, Any]:
    reach = knee.of(record.points, late_too=force)
    if lies := _flagged(record, reach, knee.NOT_AS_REQUESTED):
        raise Failure(f"the server's tokens are not the requested ones at {', '.join(lies)}")
    if not force and (late := _flagged(record, reach, knee.CLIENT_LATE)):
        raise Failure(
            f"the client was late at {', '.join(late)}, which is not the server's doing: "
            "measure again on a quieter machine, or --force writes it all the same"
        )
    if reach.stable_to is None:
        broken = f": already {reach.broken_at} at once was too much" if reach.broken_at else ""
        raise Failure(f"no level of closed load was healthy{broken}")
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
        "run": record.folder.name,
        "measured": str(at(result, "run", "started") or "")[:10] or None,
    }
    if not found["image"]:
        raise Failure("the run does not tell which image it measured")
    return {name: value for name, value in found.items() if value is not None}


def doubts(record: Record, *, force: bool = False) -> list[str]:
    """Remarks for a reader about the levels behind the figures, and about those that were left out."""
    reach = knee.of(record.points, late_too=force)
    grouped: dict[str, list[str]] = {}
    for level, point in knee.levels(record.points):
        rested_on = reach.stable_to is not None and level <= reach.stable_to
        for flag in point.get("validity") or ():
            name, meaning = at(flag, "id"), at(flag, "meaning") or ""
            if rested_on:
                grouped.setdefault(f"{name} ({meaning})" if meaning else str(name), []).append(point["name"])
            elif name in knee.CLIENT_LATE:
                grouped.setdefault(f"left out, {name} ({meaning})", []).append(point["name"])
    return [f"{', '.join(points)}: {doubt}" for doubt, points in grouped.items()]


def _flagged(record: Record, reach: knee.Range, flags: frozenset[str]) -> list[str]:
    """Levels with such a flag that matter: one of them may be the knee, or the level that broke."""

    def matters(level: int) -> bool:
        if reach.stable_to is not None:
            return level <= reach.stable_to
        return reach.broken_at is None or level < reach.broken_at

    return [
        f"{point['name']} ({at(flag, 'id')})"
        for level, point in knee.levels(record.points)
        if matters(level)
        for flag in point.get("validity") or ()
        if at(flag, "id") in flags
    ]
