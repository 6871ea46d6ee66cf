from __future__ import annotations

import json
from array import array
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from benchmarks.mmbench.drive import Level, Outcome
from benchmarks.mmbench.merge import divide, merge, packed, shares, unpacked
from benchmarks.mmbench.point import Measured, summarise
from benchmarks.mmbench.sample import MEASURED, WARM_UP, Sample
from benchmarks.mmbench.selfcheck import Reading

MS = 1_000_000
LOAD = {"mode": "closed", "concurrency": 4, "output_tokens": 5, "input_tokens": 9}


def sample(index: int) -> Sample:
    start = 1_000_000_000 + index * 7 * MS
    stamps = array("q", [start + (20 + 3 * index % 11 + 5 * step) * MS for step in range(5)])
    return Sample(
        index,
        WARM_UP if index < 4 else MEASURED,
        intended_ns=start,
        sent_ns=start + 1000,
        first_ns=stamps[0],
        first_output_ns=stamps[0],
        last_ns=stamps[-1],
        end_ns=stamps[-1] + MS,
        stamps=stamps,
        status=200,
        generated_tokens=5,
        token_source="usage",
        prompt_tokens=9,
        finish_reason="length",
        timings={"predicted_n": 5},
    )


def outcome(samples: list[Sample]) -> Outcome:
    return Outcome(samples, [max(each.end_ns for each in samples)], 1_000_000_000, max(each.end_ns for each in samples))


def figures(level: Outcome) -> dict[str, Any]:
    return summarise(Measured("c=4", LOAD, level, [Reading(1.0, 0.1, [0.1], 30.0)]))


def test_workers_merged_give_exactly_the_figures_of_one_process() -> None:
    whole = outcome([sample(index) for index in range(200)])
    parts = [outcome([each for each in whole.samples if each.index % 3 == worker]) for worker in range(3)]
    for part in parts:
        part.idle_ns = whole.idle_ns
    assert figures(merge(parts)) == figures(whole)


def test_what_a_worker_sends_comes_back_as_it_was() -> None:
    level = outcome([sample(index) for index in range(5)])
    level.samples[1].error, level.samples[1].text = "timeout", "half an ans"
    wire = json.loads(json.dumps(packed(level, Reading(2.0, 1.0, [0.5], 40.0))))
    back, reading = unpacked(wire)
    assert back == level
    assert reading == Reading(2.0, 1.0, [0.5], 40.0)


@given(st.integers(0, 1000), st.integers(1, 16))
def test_a_division_loses_nothing_and_is_even(total: int, parts: int) -> None:
    pieces = divide(total, parts)
    assert sum(pieces) == total
    assert max(pieces) - min(pieces) <= 1


@given(st.integers(1, 64), st.integers(1, 300), st.integers(0, 64), st.integers(1, 8))
def test_every_request_exists_in_exactly_one_share(concurrency: int, requests: int, warm_up: int, workers: int) -> None:
    level = Level(concurrency, requests, None, warm_up, first_index=1000)
    pieces = shares(level, workers)
    indices = [
        piece.first_index + number * piece.step
        for piece in pieces
        for number in range(piece.warm_up + (piece.requests or 0))
    ]
    assert len(indices) == len(set(indices)) == requests + warm_up
    assert sum(piece.concurrency for piece in pieces) == concurrency


def test_figures_of_a_known_load_are_the_known_ones() -> None:
    level = outcome([sample(index) for index in range(200)])
    point = figures(level)
    measured = level.samples[4:]
    assert point["requests"]["sent"] == point["requests"]["ok"] == 196
    assert point["tokens"]["generated"] == 5 * 196
    assert point["tokens"]["source"] == {"usage": 196}
    assert point["tpot_ms"]["p50"] == 5.0
    assert point["itl_ms"]["n"] == 4 * 196
    assert point["itl_ms"]["max"] == 5.0
    assert point["ttft_ms"]["min"] == min(each.ttft_ms or 0 for each in measured)
    assert point["whole_run"]["duration_s"] == round((measured[-1].end_ns - measured[0].intended_ns + 1) / 1e9, 6)
    assert point["shared"]["generated_tokens"] == 980
    assert point["client"]["cpu_us_per_event"] == round(0.1 / 1000 * 1e6, 2)


def test_several_tokens_per_event_do_not_change_the_time_per_token() -> None:
    every_third = sample(10)
    every_third.stamps = array("q", [every_third.intended_ns + step * MS for step in (50, 80, 110, 140)])
    every_third.first_ns, every_third.last_ns, every_third.generated_tokens = (
        every_third.stamps[0],
        every_third.stamps[-1],
        10,
    )
    assert every_third.tpot_ms == 10.0
    point = figures(outcome([every_third]))
    assert "several_tokens_per_event" in {flag["id"] for flag in point["validity"]}


def test_flags_say_what_to_doubt() -> None:
    short = [sample(index) for index in range(4, 30)]
    for each in short:
        each.generated_tokens, each.prompt_tokens, each.token_source = 2, 40, "chunks"
    short[0].error, short[0].detail = "timeout", "no end"
    level = outcome(short)
    busy = Reading(wall_s=1.0, cpu_s=0.95, lags_ms=[1.0], max_rss_mib=30.0)
    server = {"prefix_cache_queries": 100, "prefix_cache_hits": 60, "preemptions": 2}
    point = summarise(Measured("x", LOAD | {"ignore_eos": True}, level, [busy], {}, server))
    assert {flag["id"] for flag in point["validity"]} >= {
        "client_saturated",
        "too_few_samples",
        "errors_present",
        "short_outputs",
        "input_length_off",
        "tokens_from_chunks",
        "prefix_cache_hits",
        "preempted",
        "no_steady_window",
    }
    assert point["errors"] == {"timeout": 1}
    assert point["error_examples"] == {"timeout": "no end"}
