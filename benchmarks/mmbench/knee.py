"""Finds where more load brings no more throughput: doubles until the gain is below 5 % or the SLO breaks, then
bisects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

DEFINITION = "lowest concurrency within 5 % of the best output tokens/s of the healthy levels"
GAIN = 0.05
NEAR = 8  # neighbours within an eighth of each other are near enough


@dataclass(frozen=True, slots=True)
class Tried:
    """One level: its throughput, and whether it was healthy."""

    concurrency: int
    throughput: float
    healthy: bool


@dataclass(frozen=True, slots=True)
class Knee:
    """The lowest level within 5 % of the best throughput; how far it was healthy; the first level that was not."""

    concurrency: int | None
    throughput: float | None
    stable_to: int | None
    broken_at: int | None
    reason: str


def ladder(tried: Sequence[Tried]) -> tuple[list[Tried], Tried | None]:
    """Healthy levels in order, up to the first that was not."""
    healthy: list[Tried] = []
    for each in sorted(tried, key=lambda one: one.concurrency):
        if not each.healthy:
            return healthy, each
        healthy.append(each)
    return healthy, None


def still_gaining(healthy: Sequence[Tried]) -> bool:
    """The highest level brought at least 5 % more than any below it."""
    below = max((each.throughput for each in healthy[:-1]), default=0.0)
    return healthy[-1].throughput >= below * (1 + GAIN) and healthy[-1].throughput > 0


def lowest_enough(healthy: Sequence[Tried]) -> Tried:
    peak = max(each.throughput for each in healthy)
    return next(each for each in healthy if each.throughput >= peak * (1 - GAIN))


def between(low: int, high: int) -> int | None:
    """The middle of two levels, null where they are near enough."""
    return low + (high - low) // 2 if high - low > max(1, low // NEAR) else None


def next_level(tried: Sequence[Tried], start: int, limit: int) -> int | None:
    """The next concurrency to measure, or null when the knee is known."""
    if not tried:
        return min(start, limit)
    healthy, broken = ladder(tried)
    if not healthy:
        lowest = min(each.concurrency for each in tried)
        return lowest // 2 if lowest > 1 else None
    top = healthy[-1].concurrency
    if still_gaining(healthy):
        if broken is None and top < limit:
            return min(2 * top, limit)
        middle = between(top, broken.concurrency) if broken else None
        if middle is not None:
            return middle
    enough = lowest_enough(healthy).concurrency
    below = [each.concurrency for each in healthy if each.concurrency < enough]
    if not below:
        return enough // 2 if enough > 1 else None
    return between(max(below), enough)


def knee(tried: Sequence[Tried]) -> Knee:
    healthy, broken = ladder(tried)
    broken_at = broken.concurrency if broken else None
    if not healthy:
        return Knee(None, None, None, broken_at, "no level was healthy")
    found, top = lowest_enough(healthy), healthy[-1].concurrency
    if broken:
        reason = f"at {broken_at}: objectives or errors broke"
    elif still_gaining(healthy) and len(healthy) > 1:
        reason = f"throughput still grew at {top}, the highest level measured"
    else:
        reason = f"up to {top}: less than 5 % more throughput"
    return Knee(found.concurrency, found.throughput, top, broken_at, reason)
