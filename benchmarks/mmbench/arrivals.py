"""Computes the intended starts of requests, as seconds from the beginning. Pure: numbers from a seed."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator


def renewal(rate: float, burstiness: float, rng: random.Random) -> Iterator[float]:
    """Gamma-distributed gaps with this mean rate; burstiness 1 is a Poisson process, below 1 comes in bursts."""
    now = 0.0
    while True:
        now += rng.gammavariate(burstiness, 1.0 / (rate * burstiness))
        yield now


def ramp(first: float, last: float, seconds: float, rng: random.Random) -> Iterator[float]:
    """A Poisson process whose rate goes linearly from first to last; exact, by inverting the rate's integral."""
    slope = (last - first) / seconds
    expected = 0.0
    while True:
        expected += rng.expovariate(1.0)
        if abs(slope) < 1e-12:
            yield expected / first
            continue
        inside = first * first + 2.0 * slope * expected
        if inside < 0:
            return  # a falling rate has reached zero
        now = (math.sqrt(inside) - first) / slope
        if now > seconds:
            return
        yield now
