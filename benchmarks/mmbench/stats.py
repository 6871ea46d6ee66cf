"""Distributions with their definition and n beside every figure; null where a sample is too small."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

P99_NEEDS = 100
CDF_STEPS = 100

DEFINITIONS = {
    "ttft_ms": "from the intended start to the first event with text; reasoning counts, a role-only event does not",
    "ttfo_ms": "from the intended start to the arrival of the first event with answer text, reasoning left out",
    "itl_ms": "gap between two events with text of one request, all gaps of all requests pooled",
    "tpot_ms": "per request: (last event with text - first) / (generated tokens - 1)",
    "e2e_ms": "from the intended start to the end of the answer",
    "queue_ms": "from the intended start to the hand-over of the request to the socket, on the client's side",
}


def percentile(ordered: Sequence[float], share: float) -> float:
    """Linear interpolation between the two nearest of the sorted values (the usual definition, R's type 7)."""
    place = (len(ordered) - 1) * share
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def interval95(ordered: Sequence[float], share: float) -> list[float] | None:
    """Distribution-free 95 % interval of a percentile from order statistics; null where the sample cannot bound it."""
    n = len(ordered)
    spread = 1.96 * math.sqrt(n * share * (1 - share))
    low, high = math.floor(n * share - spread) - 1, math.ceil(n * share + spread) - 1
    if low < 0 or high >= n:
        return None
    return [rounded(ordered[low]), rounded(ordered[high])]


def rounded(value: float) -> float:
    return round(value, 4)


def distribution(name: str, values: Iterable[float | None], cdf: bool = False) -> dict[str, Any]:
    ordered = sorted(value for value in values if value is not None)
    n = len(ordered)
    summary: dict[str, Any] = {"definition": DEFINITIONS[name], "unit": "ms", "n": n}
    figures = ("mean", "std", "min", "p50", "p90", "p95", "p99", "max", "ci95_p50", "ci95_p99")
    if n == 0:
        return summary | dict.fromkeys(figures) | {"note": "no values"}
    mean = sum(ordered) / n
    spread = math.sqrt(sum((value - mean) ** 2 for value in ordered) / (n - 1)) if n > 1 else None
    summary |= {
        "mean": rounded(mean),
        "std": None if spread is None else rounded(spread),
        "min": rounded(ordered[0]),
        **{f"p{round(100 * share)}": rounded(percentile(ordered, share)) for share in (0.5, 0.9, 0.95)},
        "p99": rounded(percentile(ordered, 0.99)) if n >= P99_NEEDS else None,
        "max": rounded(ordered[-1]),
        "ci95_p50": interval95(ordered, 0.5),
        "ci95_p99": interval95(ordered, 0.99),
    }
    if n < P99_NEEDS:
        summary["note"] = f"p99 needs at least {P99_NEEDS} values, there are {n}"
    if cdf:
        summary["quantiles"] = [rounded(percentile(ordered, step / CDF_STEPS)) for step in range(CDF_STEPS + 1)]
    return summary
