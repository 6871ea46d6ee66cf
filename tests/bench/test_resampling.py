"""Intervals cover what they should: checked against closed forms, drawn samples, and published tables."""

from __future__ import annotations

import math
import random
from statistics import fmean, stdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.mmbench.stats import percentile
from mmcompose.bench.results.resampling import (
    quantile,
    quantile_draws,
    rate_draws,
    ratio_interval,
    share_interval,
    t_interval,
    t_quantile,
)

times = st.lists(st.floats(0.1, 1e6), min_size=1, max_size=60)


@given(times, st.floats(0, 1))
def test_a_quantile_is_the_clients_own(values: list[float], share: float) -> None:
    assert quantile(sorted(values), share) == percentile(sorted(values), share)


@given(times, st.sampled_from([0.5, 0.9, 0.99]), st.integers(0, 9))
def test_a_drawn_quantile_lies_among_the_values(values: list[float], share: float, seed: int) -> None:
    draws = quantile_draws(values, share, random.Random(seed), 20)
    assert all(min(values) <= draw <= max(values) for draw in draws)


def test_the_short_way_draws_what_whole_resamples_draw() -> None:
    rng = random.Random(3)
    values = [rng.lognormvariate(4, 0.4) for _ in range(101)]
    for share in (0.5, 0.9):
        short = quantile_draws(values, share, random.Random(1), 4000)
        whole = [quantile(sorted(rng.choices(values, k=len(values))), share) for _ in range(4000)]
        assert fmean(short) == pytest.approx(fmean(whole), rel=0.01)
        assert stdev(short) == pytest.approx(stdev(whole), rel=0.08)


def test_the_interval_of_a_median_holds_the_truth_about_as_often_as_it_says() -> None:
    held = 0
    for seed in range(200):
        rng = random.Random(seed)
        before, after = ([rng.lognormvariate(4, 0.3) for _ in range(80)] for _ in range(2))
        change = quantile(sorted(after), 0.5) / quantile(sorted(before), 0.5) - 1
        draws = [quantile_draws(side, 0.5, rng, 300) for side in (before, after)]
        bounds = ratio_interval(draws[0], draws[1], 0.9, change)
        assert bounds
        held += bounds[0] <= 0 <= bounds[1]
    assert 165 <= held <= 200


def test_a_rate_scatters_by_its_blocks() -> None:
    rng = random.Random(1)
    pairs = [(64.0, rng.lognormvariate(0, 0.3)) for _ in range(500)]
    draws = rate_draws(pairs, rng, 1000)
    assert fmean(draws) == pytest.approx(64 * 500 / sum(b for _, b in pairs), rel=0.02)
    assert 0 < stdev(draws) / fmean(draws) < 0.05


T_TABLE = [(0.975, 1, 12.706), (0.975, 4, 2.776), (0.975, 30, 2.042), (0.995, 10, 3.169), (0.95, 2.5, 2.558)]


@pytest.mark.parametrize(("share", "freedom", "value"), T_TABLE)
def test_students_t_is_the_one_of_the_tables(share: float, freedom: float, value: float) -> None:
    assert t_quantile(share, freedom) == pytest.approx(value, rel=0.002)


def test_repeats_that_hardly_scatter_give_a_narrow_interval() -> None:
    bounds = t_interval([100, 101, 99], [120, 121, 119], 0.95)
    assert bounds
    assert bounds[0] < 0.2 < bounds[1]
    assert bounds[1] - bounds[0] < 0.06


@pytest.mark.parametrize(("before", "after"), [([1, 2], [1, 2, 3]), ([0, 1, 2], [1, 2, 3]), ([-1, 1, 2], [1, 2, 3])])
def test_too_few_repeats_or_impossible_ones_give_none(before: list[float], after: list[float]) -> None:
    assert t_interval(before, after, 0.95) is None


def test_repeats_without_any_scatter_are_certain() -> None:
    assert t_interval([2, 2, 2], [3, 3, 3], 0.95) == pytest.approx((0.5, 0.5))


@given(st.integers(0, 300), st.integers(1, 300), st.integers(0, 300), st.integers(1, 300))
def test_the_interval_of_a_share_is_finite_and_in_order(hits: int, more: int, then: int, more_then: int) -> None:
    low, high = share_interval(hits, hits + more, then, then + more_then, 0.95)
    assert low < high
    assert low > -1.5
    assert high < 1.5
    assert not math.isnan(low)
