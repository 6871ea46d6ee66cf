"""What all evals share: the interval of a share."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.mmbench.evals import share, wilson

KNOWN = [(0, 10, 0.0, 0.277533), (8, 10, 0.490162, 0.943318), (10, 10, 0.722467, 1.0), (433, 541, 0.764688, 0.831824)]
"""By hand from Wilson's formula, and as `statsmodels.stats.proportion.proportion_confint(method="wilson")` has them."""


@pytest.mark.parametrize(("hits", "of", "low", "high"), KNOWN)
def test_the_interval_of_a_share_is_wilsons(hits: int, of: int, low: float, high: float) -> None:
    assert wilson(hits, of) == pytest.approx((low, high), abs=2e-4)


@given(st.integers(1, 2000).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))))
def test_an_interval_holds_its_share_and_stays_a_share(pair: tuple[int, int]) -> None:
    hits, of = pair
    low, high = wilson(hits, of)
    assert low is not None
    assert high is not None
    assert 0 <= low <= hits / of <= high <= 1


def test_a_share_of_nothing_is_no_figure() -> None:
    assert share("a", 0, 0, scorer="b")["value"] is None
