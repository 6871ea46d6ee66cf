"""Finds how far a deployment goes, from the points of any run. Pure.

The client knows how many failures were allowed, so its verdict on the health of a level is read here. Unlike its
search, this leaves out the levels at which the client itself was late.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from mmcompose.bench.results.record import at, number

GAIN = 0.05
_MET = 0.95
CLIENT_LATE = frozenset(("client_saturated", "client_starved"))
"""Flags of a point at which the client did not keep up: the point shows nothing about the server."""

NOT_AS_REQUESTED = frozenset(("impossible_token_counts", "longer_than_asked"))
"""Flags of a point with impossible token counts, or more tokens than requested: its load was a different one."""


class Range(NamedTuple):
    """The reach. `knee`: more load brings no more throughput; `stable_to`: the highest healthy level below the first
    sick one; `left_out`: levels that show nothing, since the client was late."""

    knee: int | None
    stable_to: int | None
    broken_at: int | None
    throughput: float | None
    unit: str
    left_out: tuple[int, ...] = ()

    @property
    def caveat(self) -> str:
        """A remark about the levels that were left out."""
        if not self.left_out:
            return ""
        return f"left out, since the client was late: {', '.join(f'c={level}' for level in self.left_out)}"


def of(points: Sequence[Mapping[str, Any]], *, late_too: bool = False) -> Range:
    """The reach of a run. `late_too`: levels with a late client count like any other."""
    unit = "tok/s" if any(number(point, "output_tok_s") for point in points) else "req/s"
    healthy: list[tuple[int, float]] = []
    broken = None
    late = []
    for level, point in levels(points):
        if not late_too and any(at(flag, "id") in CLIENT_LATE for flag in point.get("validity") or ()):
            late.append(level)
            continue
        if not _is_healthy(point):
            broken = level
            break
        healthy.append((level, throughput(point) or 0.0))
    if not healthy:
        return Range(None, None, broken, None, unit, tuple(late))
    best = max(rate for _, rate in healthy)
    knee, rate = next((level, rate) for level, rate in healthy if rate >= best * (1 - GAIN))
    return Range(knee, healthy[-1][0], broken, rate, unit, tuple(late))


def levels(points: Sequence[Mapping[str, Any]]) -> list[tuple[int, Mapping[str, Any]]]:
    """The points of closed load by their concurrency, the lowest first."""
    found = [
        (int(level), point)
        for point in points
        if (level := number(point, "load", "concurrency")) is not None and at(point, "load", "mode") == "closed"
    ]
    return sorted(found, key=lambda pair: pair[0])


def throughput(point: Mapping[str, Any]) -> float | None:
    """Tokens per second if tokens are counted, else requests. None if nothing was answered."""
    if number(point, "requests", "ok") == 0:
        return None
    return number(point, "output_tok_s") or number(point, "req_s")


def _is_healthy(point: Mapping[str, Any]) -> bool:
    """The client's verdict; without one: no failures, objectives met by 95 %, and right answers."""
    judged = point.get("healthy")
    if isinstance(judged, bool):
        return judged
    share = number(point, "goodput", "share")
    return not (
        number(point, "error_share")
        or (share is not None and share < _MET)
        or at(point, "score", "ok") is False
        or not number(point, "requests", "ok")
    )
