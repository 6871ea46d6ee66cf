from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.mmbench.stats import DEFINITIONS, distribution, interval95, percentile

times = st.lists(st.floats(0, 1e6, allow_nan=False), min_size=1, max_size=300)


@given(times, st.floats(0, 1))
def test_percentiles_are_those_of_numpy(values: list[float], share: float) -> None:
    assert percentile(sorted(values), share) == pytest.approx(float(np.quantile(values, share)), rel=1e-9, abs=1e-9)


@given(times)
def test_figures_are_in_order_and_within_the_values(values: list[float]) -> None:
    summary = distribution("ttft_ms", values)
    figures = [summary[name] for name in ("min", "p50", "p90", "p95", "max")]
    assert figures == sorted(figures)
    assert summary["n"] == len(values)
    assert summary["mean"] == pytest.approx(float(np.mean(values)), abs=1e-3)


@pytest.mark.parametrize(("n", "known"), [(1, False), (99, False), (100, True), (500, True)])
def test_p99_needs_a_hundred_values_and_says_so(n: int, known: bool) -> None:
    summary = distribution("e2e_ms", range(n))
    assert (summary["p99"] is not None) == known
    assert ("note" in summary) != known


def test_nothing_measured_is_null_not_zero() -> None:
    summary = distribution("tpot_ms", [None, None])
    assert summary["n"] == 0
    assert summary["p50"] is None
    assert summary["note"] == "no values"


def test_every_distribution_names_its_definition_and_unit() -> None:
    for name, definition in DEFINITIONS.items():
        summary = distribution(name, [1.0])
        assert summary["definition"] == definition
        assert summary["unit"] == "ms"


def test_the_interval_of_a_median_holds_the_true_one_about_95_times_in_100() -> None:
    rng = random.Random(5)
    held = 0
    for _ in range(400):
        bounds = interval95(sorted(rng.random() for _ in range(101)), 0.5)
        assert bounds is not None
        held += bounds[0] <= 0.5 <= bounds[1]
    assert 0.91 <= held / 400 <= 0.99


def test_an_interval_that_the_sample_cannot_bound_is_null() -> None:
    assert interval95([1.0, 2.0, 3.0], 0.99) is None
    assert interval95(list(map(float, range(1000))), 0.99) is not None


def test_quantiles_for_a_curve_run_from_least_to_most() -> None:
    summary = distribution("itl_ms", range(1000), cdf=True)
    assert len(summary["quantiles"]) == 101
    assert summary["quantiles"][0] == 0
    assert summary["quantiles"][100] == 999
