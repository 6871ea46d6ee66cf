from __future__ import annotations

import random
from itertools import islice, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.mmbench.arrivals import ramp, renewal
from benchmarks.mmbench.knee import Tried, knee, next_level
from benchmarks.mmbench.sample import Sample
from benchmarks.mmbench.slo import BadSloError, goodput, parse_slo


def test_arrivals_have_the_requested_rate() -> None:
    times = list(islice(renewal(20.0, 1.0, random.Random(1)), 4000))
    assert times == sorted(times)
    assert len(times) / times[-1] == pytest.approx(20.0, rel=0.05)


def test_poisson_gaps_vary_as_much_as_their_mean_and_bursty_ones_more() -> None:
    def spread(burstiness: float) -> float:
        times = list(islice(renewal(10.0, burstiness, random.Random(2)), 5000))
        gaps = [b - a for a, b in pairwise(times)]
        mean = sum(gaps) / len(gaps)
        return float((sum((gap - mean) ** 2 for gap in gaps) / len(gaps)) ** 0.5 / mean)

    assert spread(1.0) == pytest.approx(1.0, abs=0.06)
    assert spread(0.25) == pytest.approx(2.0, abs=0.2)


def test_a_ramp_brings_the_integral_of_its_rate_and_more_at_its_end() -> None:
    times = list(ramp(10.0, 50.0, 100.0, random.Random(3)))
    assert len(times) == pytest.approx(3000, rel=0.06)
    assert all(0 <= time <= 100 for time in times)
    early, late = sum(time < 20 for time in times), sum(time > 80 for time in times)
    assert early == pytest.approx(20 * 14, rel=0.2)
    assert late == pytest.approx(20 * 46, rel=0.2)


def test_a_falling_ramp_ends_when_its_time_does() -> None:
    times = list(ramp(50.0, 1.0, 10.0, random.Random(4)))
    assert times
    assert max(times) <= 10


def test_the_same_seed_gives_the_same_arrivals() -> None:
    first, again = (list(islice(renewal(5.0, 1.0, random.Random(9)), 50)) for _ in range(2))
    assert first == again


def searched(limit: int = 512, broken_from: int = 10**9, flat: int = 10**9, start: int = 1) -> list[Tried]:
    """The levels that the search visits on a server whose throughput grows up to `flat`, and which then breaks."""
    tried: list[Tried] = []
    while (level := next_level(tried, start, limit)) is not None:
        assert len(tried) < 40, "the search does not end"
        tried.append(Tried(level, float(min(level, flat)), healthy=level < broken_from))
    return tried


def test_the_search_doubles_then_bisects() -> None:
    assert [each.concurrency for each in searched(flat=20)] == [1, 2, 4, 8, 16, 32, 64, 24, 20, 18]


@pytest.mark.parametrize("start", [1, 8, 500])
@pytest.mark.parametrize("flat", [1, 3, 7, 16, 20, 100, 300])
def test_the_knee_is_where_throughput_stops_growing(flat: int, start: int) -> None:
    concurrency = knee(searched(flat=flat, start=start)).concurrency
    assert concurrency is not None
    assert 0.9 * flat - 1 <= concurrency <= flat * 9 / 8 + 1


@pytest.mark.parametrize("broken", [2, 5, 17, 33, 200])
def test_the_healthy_range_ends_below_the_level_that_broke(broken: int) -> None:
    found = knee(searched(broken_from=broken))
    assert found.stable_to is not None
    assert found.broken_at is not None
    assert broken * 0.8 - 2 <= found.stable_to < broken <= found.broken_at
    assert "broke" in found.reason


def test_a_server_that_never_saturates_is_measured_up_to_the_limit() -> None:
    found = knee(searched(limit=64))
    assert (found.stable_to, found.broken_at) == (64, None)
    assert "still grew at 64" in found.reason


def test_a_server_that_is_never_healthy_has_no_knee() -> None:
    found = knee(searched(broken_from=1, start=16))
    assert (found.concurrency, found.broken_at) == (None, 1)
    assert "no level" in found.reason


def test_a_server_without_throughput_ends_the_search() -> None:
    assert len(searched(flat=0)) <= 2


@given(st.integers(0, 600), st.integers(1, 600), st.integers(1, 512), st.integers(1, 600))
def test_the_search_always_ends(flat: int, broken: int, limit: int, start: int) -> None:
    levels = [each.concurrency for each in searched(limit, broken, flat, start)]
    assert len(set(levels)) == len(levels)
    assert max(levels) <= limit


@given(st.lists(st.tuples(st.floats(0, 1000), st.booleans()), min_size=40, max_size=40))
def test_the_search_ends_on_noise_too(noise: list[tuple[float, bool]]) -> None:
    tried: list[Tried] = []
    while (level := next_level(tried, 1, 512)) is not None:
        assert level not in {each.concurrency for each in tried}
        throughput, healthy = noise[len(tried)]
        tried.append(Tried(level, throughput, healthy))
    knee(tried)


@pytest.mark.parametrize(
    ("text", "limits"),
    [
        ("ttft=500ms,tpot=50ms", {"ttft_ms": 500, "tpot_ms": 50}),
        (" e2e = 2.5s ", {"e2e_ms": 2500}),
        ("ttfo=80", {"ttfo_ms": 80}),
        ("", {}),
    ],
)
def test_objectives_are_read(text: str, limits: dict[str, float]) -> None:
    assert parse_slo(text) == limits


@pytest.mark.parametrize("text", ["ttft", "speed=1ms", "ttft=fast", "ttft=-1ms", "ttft=1h", "ttft=5ms;tpot=1ms"])
def test_an_objective_that_cannot_be_read_says_how_to_write_it(text: str) -> None:
    with pytest.raises(BadSloError, match="ttft=500ms,tpot=50ms"):
        parse_slo(text)


def test_goodput_counts_failed_requests_as_not_good() -> None:
    quick = Sample(0, intended_ns=0, first_ns=10_000_000, end_ns=20_000_000)
    slow = Sample(1, intended_ns=0, first_ns=900_000_000, end_ns=950_000_000)
    broken = Sample(2, error="timeout")
    figures = goodput([quick, slow, broken], {"ttft_ms": 500.0}, seconds=2.0)
    assert figures is not None
    assert (figures["met"], figures["of"], figures["req_s"]) == (1, 3, 0.5)
    assert goodput([quick], {}, 1.0) is None
