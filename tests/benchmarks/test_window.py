from __future__ import annotations

from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.mmbench.sample import MEASURED, WARM_UP, Sample
from benchmarks.mmbench.window import (
    Window,
    closed_window,
    ended_inside,
    in_flight_mean,
    open_window,
    per_second,
    tokens_inside,
)

S = 1_000_000_000


def sample(
    start: float, end: float, phase: str = MEASURED, stamps: tuple[float, ...] = (), tokens: int | None = None
) -> Sample:
    marks = array("q", [int(each * S) for each in stamps])
    return Sample(
        0,
        phase,
        intended_ns=int(start * S),
        end_ns=int(end * S),
        stamps=marks,
        generated_tokens=len(marks) if tokens is None else tokens,
    )


def test_ramp_up_and_drain_are_cut_off() -> None:
    samples = [sample(0, 1, WARM_UP), sample(0, 1.5, WARM_UP), sample(1, 2), sample(1.5, 3), sample(2, 4), sample(3, 5)]
    window = closed_window(samples, idle_ns=[4 * S, 5 * S])
    assert (window.start_ns, window.end_ns, window.steady) == (1.5 * S, 4 * S, True)
    assert in_flight_mean(samples, window) == pytest.approx(2.0)
    assert len(ended_inside(samples, window)) == 3


def test_a_run_too_short_for_a_window_says_so_and_is_taken_whole() -> None:
    samples = [sample(0, 1, WARM_UP), sample(1, 2), sample(1, 2.2)]
    window = closed_window(samples, idle_ns=[2 * S, 2 * S])
    assert window.steady
    alone = closed_window(samples[1:], idle_ns=[2 * S])
    assert (alone.start_ns, alone.end_ns, alone.steady) == (S, 2.2 * S, False)
    assert not closed_window([], []).steady


def test_the_window_of_an_open_load_runs_from_first_to_last_arrival() -> None:
    window = open_window([sample(1, 9), sample(4, 5)])
    assert (window.start_ns, window.end_ns, window.steady) == (S, 4 * S, True)
    assert not open_window([sample(1, 2)]).steady
    assert not open_window([]).steady


def test_tokens_are_counted_where_they_arrived() -> None:
    samples = [sample(0, 10, stamps=(1, 2, 3, 4)), sample(0, 10, stamps=(2, 8), tokens=10)]
    assert tokens_inside(samples, Window(2 * S, 4 * S, steady=True)) == pytest.approx(3 + 5)


def test_failed_requests_give_no_tokens() -> None:
    failed = sample(0, 10, stamps=(1, 2))
    failed.error = "cut_stream"
    assert tokens_inside([failed], Window(0, 10 * S, steady=True)) == 0


def test_an_answer_that_came_whole_counts_when_it_ended() -> None:
    whole = sample(0, 3, tokens=7)
    whole.streamed = False
    assert tokens_inside([whole], Window(2 * S, 4 * S, steady=True)) == 7
    assert tokens_inside([whole], Window(4 * S, 5 * S, steady=True)) == 0


spans = st.lists(st.tuples(st.floats(0, 20), st.floats(0.001, 10)), min_size=1, max_size=30)


@given(spans, st.integers(1, 8))
def test_a_window_lies_within_the_measured_run(pairs: list[tuple[float, float]], slots: int) -> None:
    samples = [
        sample(start, start + length, WARM_UP if i < slots else MEASURED) for i, (start, length) in enumerate(pairs)
    ]
    measured = [each for each in samples if each.phase == MEASURED]
    window = closed_window(samples, [max(each.end_ns for each in samples)])
    if measured:
        assert min(each.intended_ns for each in measured) <= window.start_ns <= window.end_ns
        assert window.end_ns <= max(each.end_ns for each in measured)
        assert in_flight_mean(samples, window) <= len(samples)


@given(spans)
def test_a_time_line_loses_nothing(pairs: list[tuple[float, float]]) -> None:
    samples = [sample(start, start + length, stamps=(start + length / 2, start + length)) for start, length in pairs]
    rows = per_second(samples, zero_ns=0)
    assert sum(row["ended"] for row in rows) == len(samples)
    assert sum(row["tokens"] for row in rows) == pytest.approx(2 * len(samples))
    assert sum(row["in_flight"] for row in rows) == pytest.approx(
        sum(each.end_ns - each.intended_ns for each in samples) / S, abs=1e-3
    )
