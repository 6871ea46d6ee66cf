"""The four numbers of a memory curve, each with one definition.

A sample that could not be read is None, and never counts as zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import median
from typing import NamedTuple

_SAME_SHARE = 0.01
_SAME_MIB = 64

DEFINITIONS = {
    "baseline_mib": "median of the device's used memory before the start",
    "plateau_mib": "median of the device's used memory from the first token to the stop",
    "peak_mib": "highest single sample of the device's used memory from the start to the stop",
    "actual_mib": "plateau less baseline",
    "residual_mib": "used memory after the unload less baseline; within 1 % or 64 MiB of it, it counts as free again",
    "load_s": "start to the first token of a real request",
    "unload_s": "stop to the first sample that counts as free again",
}


class Sample(NamedTuple):
    """The memory at one moment of a monotonic clock, in MiB over all watched GPUs; None if it could not be read."""

    at: float
    used_mib: float | None
    containers_mib: float | None = None


class Moments(NamedTuple):
    """The beginnings of the phases of one load, on the samples' clock; None for a phase that never came."""

    start: float
    first_token: float | None = None
    stop: float | None = None


def middle(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(median(known)) if known else None


def highest(values: Iterable[float | None]) -> float | None:
    return max((value for value in values if value is not None), default=None)


def less(value: float | None, other: float | None) -> float | None:
    return None if value is None or other is None else value - other


def free_again(used: float | None, baseline: float | None) -> bool:
    """Whether the memory is back: one per cent or 64 MiB above the baseline, whichever allows more."""
    if used is None or baseline is None:
        return False
    return used - baseline <= max(_SAME_MIB, _SAME_SHARE * baseline)


def between(samples: Sequence[Sample], start: float | None, stop: float | None) -> list[Sample]:
    if start is None:
        return []
    return [sample for sample in samples if start <= sample.at and (stop is None or sample.at <= stop)]


def baseline(samples: Sequence[Sample], moments: Moments) -> float | None:
    return middle(sample.used_mib for sample in samples if sample.at < moments.start)


def plateau(samples: Sequence[Sample], moments: Moments) -> float | None:
    return middle(sample.used_mib for sample in between(samples, moments.first_token, moments.stop))


def footprint(samples: Sequence[Sample], moments: Moments) -> float | None:
    """The memory that the driver attributes to the containers' own processes, if it does."""
    return middle(sample.containers_mib for sample in between(samples, moments.first_token, moments.stop))


def peak(samples: Sequence[Sample], moments: Moments) -> float | None:
    return highest(sample.used_mib for sample in between(samples, moments.start, moments.stop))


def residual(samples: Sequence[Sample], moments: Moments) -> float | None:
    """The last sample after the stop less the baseline; negative if another program freed memory meanwhile."""
    after = [sample.used_mib for sample in between(samples, moments.stop, None)]
    return less(after[-1] if after else None, baseline(samples, moments))


def unload_seconds(samples: Sequence[Sample], moments: Moments) -> float | None:
    ground = baseline(samples, moments)
    for sample in between(samples, moments.stop, None):
        if moments.stop is not None and free_again(sample.used_mib, ground):
            return sample.at - moments.stop
    return None
