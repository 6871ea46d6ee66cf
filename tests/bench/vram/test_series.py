"""The curve of memory: each figure by its own definition, and a gap in the curve is a gap."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmcompose.bench.results import memory_curve
from mmcompose.bench.results.memory_curve import Moments, Sample, free_again

# Half a second each: before, load with its peak, serving, unload.
CURVE = [100, 110, 104, 700, 1900, 1500, 1500, 1520, 1500, 900, 400, 130]
SAMPLES = [Sample(place / 2, float(mib), mib - 100.0 if mib > 110 else None) for place, mib in enumerate(CURVE)]
MOMENTS = Moments(start=1.5, first_token=2.5, stop=4.0)


def test_each_figure_is_what_its_definition_says() -> None:
    assert memory_curve.baseline(SAMPLES, MOMENTS) == 104
    assert memory_curve.plateau(SAMPLES, MOMENTS) == 1500
    assert memory_curve.peak(SAMPLES, MOMENTS) == 1900
    assert memory_curve.footprint(SAMPLES, MOMENTS) == 1400
    assert memory_curve.residual(SAMPLES, MOMENTS) == 26
    assert memory_curve.unload_seconds(SAMPLES, MOMENTS) == 1.5
    assert set(memory_curve.DEFINITIONS) >= {
        "baseline_mib",
        "plateau_mib",
        "peak_mib",
        "residual_mib",
        "load_s",
        "unload_s",
    }


def test_where_nothing_was_read_there_is_no_figure() -> None:
    blind = [Sample(one.at, None) for one in SAMPLES]
    for figure in (
        memory_curve.baseline,
        memory_curve.plateau,
        memory_curve.peak,
        memory_curve.footprint,
        memory_curve.residual,
    ):
        assert figure(blind, MOMENTS) is None
        assert figure([], MOMENTS) is None
    assert memory_curve.unload_seconds(blind, MOMENTS) is None


def test_one_reading_that_failed_counts_for_nothing() -> None:
    holed = [Sample(one.at, None if one.at in (0.5, 3.0) else one.used_mib) for one in SAMPLES]
    assert memory_curve.baseline(holed, MOMENTS) == 102
    assert memory_curve.plateau(holed, MOMENTS) == 1500


def test_a_load_that_never_answered_has_a_peak_and_no_plateau() -> None:
    failed = Moments(start=1.5)
    assert memory_curve.peak(SAMPLES, failed) == 1900
    assert memory_curve.plateau(SAMPLES, failed) is None
    assert memory_curve.residual(SAMPLES, failed) is None


def test_memory_that_does_not_come_back_is_reported() -> None:
    kept = [*SAMPLES[:9], Sample(4.5, 900.0), Sample(60.0, 900.0)]
    assert memory_curve.unload_seconds(kept, MOMENTS) is None
    assert memory_curve.residual(kept, MOMENTS) == 796


@pytest.mark.parametrize(
    ("used", "baseline", "free"),
    [
        (164, 100, True),
        (165, 100, False),
        (10_100, 10_000, True),
        (10_101, 10_000, False),
        (None, 1, False),
        (1, None, False),
    ],
)
def test_free_again_is_one_per_cent_or_64_mib(used: float | None, baseline: float | None, free: bool) -> None:
    assert free_again(used, baseline) is free


@given(st.lists(st.one_of(st.none(), st.floats(0, 1e6)), max_size=30))
def test_the_peak_is_never_below_the_plateau(curve: list[float | None]) -> None:
    samples = [Sample(float(place), mib) for place, mib in enumerate(curve)]
    moments = Moments(0.0, 0.0, 30.0)
    peak, plateau = memory_curve.peak(samples, moments), memory_curve.plateau(samples, moments)
    assert (peak is None) is (plateau is None)
    assert peak is None or plateau is None or peak >= plateau
