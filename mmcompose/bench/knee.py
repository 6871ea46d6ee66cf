"""How far a deployment goes: the rule by which the client searches, applied to the points of any run. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from mmcompose.bench.record import at, number

GAIN = 0.05
DEFINITION = "lowest concurrency within 5 % of the best throughput of the healthy levels"
_MET = 0.95


class Range(NamedTuple):
    """`knee`: more load brings no more throughput; `stable_to`: the highest healthy level before the first sick one."""

    knee: int | None
    stable_to: int | None
    broken_at: int | None
    throughput: float | None
    unit: str


def of(points: Sequence[Mapping[str, Any]]) -> Range:
    levels = sorted(
        (int(level), point)
        for point in points
        if (level := number(point, "load", "concurrency")) is not None
        and at(point, "load", "mode") == "closed"
        and is_believed(point)
    )
    unit = "tok/s" if any(number(point, "output_tok_s") for point in points) else "req/s"
    healthy: list[tuple[int, float]] = []
    broken = None
    for level, point in levels:
        if not is_healthy(point):
            broken = level
            break
        healthy.append((level, throughput(point) or 0.0))
    if not healthy:
        return Range(None, None, broken, None, unit)
    best = max(rate for _, rate in healthy)
    knee, rate = next((level, rate) for level, rate in healthy if rate >= best * (1 - GAIN))
    return Range(knee, healthy[-1][0], broken, rate, unit)


def throughput(point: Mapping[str, Any]) -> float | None:
    """Tokens where they are counted: a request of any length is one request."""
    return number(point, "output_tok_s") or number(point, "req_s")


def is_believed(point: Mapping[str, Any]) -> bool:
    """A client that did not keep up says nothing of the server, neither good nor bad."""
    flags = {at(flag, "id") for flag in point.get("validity") or ()}
    return not flags & {"client_saturated", "client_starved"}


def is_healthy(point: Mapping[str, Any]) -> bool:
    """No failures, objectives met by 95 %, and right answers."""
    share = number(point, "goodput", "share")
    return not (
        number(point, "error_share")
        or (share is not None and share < _MET)
        or at(point, "score", "ok") is False
        or not number(point, "requests", "ok")
    )
