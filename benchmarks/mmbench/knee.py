"""Where more load brings no more throughput: double until the gain is below 5 % or the SLO breaks, then bisect."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

GAIN = 0.05


@dataclass(frozen=True, slots=True)
class Tried:
    """One level: its throughput, and whether it was healthy (objectives met, no failures, answers right)."""

    concurrency: int
    throughput: float
    healthy: bool


@dataclass(frozen=True, slots=True)
class Knee:
    """The highest level still worth its load, and the first that is not (null when none was reached)."""

    concurrency: int | None
    throughput: float | None
    beyond: int | None
    reason: str


def worth_it(before: Tried, after: Tried) -> bool:
    """After has more load than before: is it healthy, and does each doubling of the load bring its 5 %?"""
    doublings = max(1e-9, (after.concurrency / before.concurrency - 1.0))
    wanted = 1.0 + GAIN * min(1.0, doublings)
    return after.healthy and after.throughput >= before.throughput * wanted


def bracket(tried: Sequence[Tried]) -> tuple[Tried | None, Tried | None]:
    """The best level that was worth it, and the lowest above it that was not."""
    best: Tried | None = None
    for each in sorted(tried, key=lambda one: one.concurrency):
        if best is None:
            if not each.healthy:
                return None, each
            best = each
        elif worth_it(best, each):
            best = each
        else:
            return best, each
    return best, None


def next_level(tried: Sequence[Tried], start: int, limit: int) -> int | None:
    """The next concurrency to measure, or null when the knee is known to within an eighth."""
    if not tried:
        return start
    best, beyond = bracket(tried)
    if best is None:
        lowest = min(each.concurrency for each in tried)
        return lowest // 2 if lowest > 1 else None
    if beyond is None:
        return min(best.concurrency * 2, limit) if best.concurrency < limit else None
    gap = beyond.concurrency - best.concurrency
    if gap <= max(1, best.concurrency // 8):
        return None
    middle = best.concurrency + gap // 2
    return None if any(each.concurrency == middle for each in tried) else middle


def knee(tried: Sequence[Tried]) -> Knee:
    best, beyond = bracket(tried)
    if best is None:
        return Knee(None, None, beyond.concurrency if beyond else None, "no level was healthy")
    if beyond is None:
        return Knee(best.concurrency, best.throughput, None, "the highest level measured still paid for its load")
    reason = "less than 5 % more throughput" if beyond.healthy else "objectives, errors or correctness broke"
    return Knee(best.concurrency, best.throughput, beyond.concurrency, f"at {beyond.concurrency}: {reason}")
