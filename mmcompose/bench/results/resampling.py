"""Computes how certain a difference is: bootstrap of quantiles and rates within a run, Student's t between runs.
Pure, seeded."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from statistics import NormalDist, fmean, stdev

DRAWS = 1000
_BLOCKS = 100


def quantile(ordered: Sequence[float], share: float) -> float:
    """Linear between the two nearest of the sorted values, as the client computes it."""
    place = (len(ordered) - 1) * share
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def quantile_draws(values: Sequence[float], share: float, rng: random.Random, draws: int = DRAWS) -> list[float]:
    """The bootstrap distribution of a quantile, exactly, without drawing whole samples.

    The k-th smallest of n draws from a sample is its value at the k-th smallest of n uniform numbers, which is a beta.
    """
    ordered = sorted(values)
    n = len(ordered)
    place = (n - 1) * share
    k = math.floor(place) + 1
    rest = place - math.floor(place)
    found = []
    for _ in range(draws):
        low = rng.betavariate(k, n - k + 1)
        high = low + (1 - low) * (rng.betavariate(1, n - k) if n > k else 0.0)
        at_low, at_high = ordered[min(n - 1, int(low * n))], ordered[min(n - 1, int(high * n))]
        found.append(at_low + (at_high - at_low) * rest)
    return found


def rate_draws(pairs: Sequence[tuple[float, float]], rng: random.Random, draws: int = DRAWS) -> list[float]:
    """The bootstrap of a rate, by blocks of neighbours: requests that ran together are alike."""
    size = max(1, math.ceil(len(pairs) / _BLOCKS))
    blocks = [
        (sum(a for a, _ in pairs[start : start + size]), sum(b for _, b in pairs[start : start + size]))
        for start in range(0, len(pairs), size)
    ]
    found = []
    for _ in range(draws):
        above, below = map(sum, zip(*rng.choices(blocks, k=len(blocks)), strict=True))
        if below > 0:
            found.append(above / below)
    return found


def ratio_interval(
    base: Sequence[float], other: Sequence[float], confidence: float, change: float
) -> tuple[float, float] | None:
    """Around a measured relative change, as wide as the draws of both sides scatter; of the logarithm, so that
    twice as much and half as much are alike."""
    logs = [math.log(after / before) for before, after in zip(base, other, strict=False) if before > 0 and after > 0]
    if len(logs) < 2 or change <= -1:
        return None
    spread, z = stdev(logs), NormalDist().inv_cdf(0.5 + confidence / 2)
    middle = math.log1p(change)
    return math.expm1(middle - z * spread), math.expm1(middle + z * spread)


def share_interval(hits: float, of: float, hits_then: float, of_then: float, confidence: float) -> tuple[float, float]:
    """The change of a share, in points: one more success and failure on each side (Agresti and Caffo)."""
    before, after = (hits + 1) / (of + 2), (hits_then + 1) / (of_then + 2)
    error = math.sqrt(before * (1 - before) / (of + 2) + after * (1 - after) / (of_then + 2))
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    return after - before - z * error, after - before + z * error


def t_interval(base: Sequence[float], other: Sequence[float], confidence: float) -> tuple[float, float] | None:
    """The relative change between the means of repeats (Welch), each side with three runs or more."""
    if min(len(base), len(other)) < 3 or min(*base, *other) <= 0:
        return None
    a, b = [math.log(value) for value in base], [math.log(value) for value in other]
    va, vb = stdev(a) ** 2 / len(a), stdev(b) ** 2 / len(b)
    change, error = fmean(b) - fmean(a), math.sqrt(va + vb)
    if error == 0:
        return math.expm1(change), math.expm1(change)
    freedom = (va + vb) ** 2 / (va**2 / (len(a) - 1) + vb**2 / (len(b) - 1))
    t = t_quantile(0.5 + confidence / 2, freedom)
    return math.expm1(change - t * error), math.expm1(change + t * error)


def t_quantile(share: float, freedom: float) -> float:
    """Student's t by bisection of its distribution function."""
    low, high = 0.0, 1e6
    for _ in range(200):
        middle = (low + high) / 2
        if _t_below(middle, freedom) < share:
            low = middle
        else:
            high = middle
    return high


def _t_below(t: float, freedom: float) -> float:
    x = freedom / (freedom + t * t)
    return 1 - _beta_share(freedom / 2, 0.5, x) / 2


def _beta_share(a: float, b: float, x: float) -> float:
    """The regularised incomplete beta function by its continued fraction (Lentz)."""
    if x <= 0 or x >= 1:
        return 0.0 if x <= 0 else 1.0
    if x > (a + 1) / (a + b + 2):
        return 1 - _beta_share(b, a, 1 - x)
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log(1 - x)) / a
    c, d = 1.0, 1 / _away(1 - (a + b) * x / (a + 1))
    whole = d
    for m in range(1, 300):
        for step in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d, c = 1 / _away(1 + step * d), _away(1 + step / c)
            whole *= d * c
        if abs(d * c - 1) < 1e-12:
            break
    return front * whole


def _away(value: float) -> float:
    return value if abs(value) > 1e-300 else 1e-300
