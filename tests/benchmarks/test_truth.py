"""The client as a user runs it, against a server that knows what really happened.

Times are held by causality, never by a stopwatch: a request is sent before the server has it and a token arrives after
it was written, so every percentile that the client reports is at least the server's own.
"""

from __future__ import annotations

import csv
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.mmbench.stats import percentile

from .serving import RECEIPTS, Run, Serving, bench, serving


def truth_of(server: Serving, skip: int = 0) -> dict[str, Any]:
    behaviour = server.server.behaviour
    step = behaviour.itl_ms * behaviour.tokens_per_event
    return server.server.truth.report(behaviour.ttft_ms, step, min_tokens=2, skip=skip)


def recomputed(run: Run, name: str, share: float) -> float | None:
    """An answer whose events all arrived in one piece has no time between its tokens: null, and not counted."""
    reported = [each[name] for each in run.requests if each["phase"] == "measured" and each["ok"]]
    values = sorted(value for value in reported if value is not None)
    assert run.point[name]["n"] == len(values)
    return percentile(values, share) if values else None


def test_every_number_of_a_closed_load_agrees_with_the_server(tmp_path: Path) -> None:
    with serving(prompt_tokens=32) as server:
        run = bench("load", server.url, tmp_path, "--concurrency", "4", "--requests", "120", "--output-tokens", "6")
        truth = truth_of(server, skip=4)
    point = run.point
    assert run.code == 0, run.err
    assert point["requests"]["ok"] == truth["ttft_ms"]["n"] == 120
    assert point["requests"]["warmup"] == 4
    assert point["tokens"]["generated"] == truth["tokens"] == 720
    assert point["tokens"]["prompt"] == 32 * 120
    assert point["itl_ms"]["n"] <= truth["itl_ms"]["n"]
    for name in ("ttft_ms", "e2e_ms"):
        for figure in ("p50", "p90", "p99"):
            assert point[name][figure] >= truth[name][figure] - 1e-6
    assert truth["peak_in_flight"] == 4
    assert point["window"]["in_flight_mean"] <= 4.0
    assert 0 < point["tpot_ms"]["n"] <= 120  # events that arrive glued together have no time between them
    assert point["server"]["generation_tokens"] == 6 * 124
    assert run.result["run"]["status"] == "complete"
    assert run.result["target"]["server"]["version"] == "1.2.3"


def test_every_percentile_can_be_computed_again_from_the_requests_file(tmp_path: Path) -> None:
    with serving() as server:
        run = bench("load", server.url, tmp_path, "--concurrency", "3", "--requests", "40")
    for name in ("ttft_ms", "tpot_ms", "e2e_ms"):
        for figure, share in (("p50", 0.5), ("p90", 0.9), ("p95", 0.95)):
            assert run.point[name][figure] == pytest.approx(recomputed(run, name, share), abs=2e-3)
    for line in run.requests:
        assert {"wall_s", "ttft_ms", "generation_tok_per_s", "prompt_tokens", "generated_tokens"} <= line.keys()
    assert run.point["ttft_ms"]["p99"] is None
    assert "too_few_samples" in run.flags
    rows = list(csv.DictReader((tmp_path / "points.csv").read_text().splitlines()))
    assert rows[0]["ok"] == "40"
    assert float(rows[0]["ttft_p50_ms"]) == run.point["ttft_ms"]["p50"]
    series = list(csv.DictReader((tmp_path / "series.csv").read_text().splitlines()))
    assert sum(int(row["ended"]) for row in series) == 43


def test_a_role_only_event_sent_at_once_is_not_the_first_token(tmp_path: Path) -> None:
    with serving(role_first=True, ttft_ms=80.0) as server:
        run = bench("load", server.url, tmp_path, "--concurrency", "2", "--requests", "4")
    assert run.point["ttft_ms"]["min"] >= 75


def test_reasoning_counts_for_the_first_token_and_not_for_the_first_of_the_answer(tmp_path: Path) -> None:
    with serving(reasoning=4, itl_ms=20.0) as server:
        run = bench("load", server.url, tmp_path, "--concurrency", "2", "--requests", "4", "--output-tokens", "6")
    assert run.point["ttfo_ms"]["min"] >= 80, "the answer is written after four tokens of reasoning, 20 ms each"
    assert run.point["ttft_ms"]["min"] <= run.point["ttfo_ms"]["min"]
    assert run.point["tokens"]["reasoning"] == 16


def test_several_tokens_in_an_event_are_counted_by_usage(tmp_path: Path) -> None:
    with serving(tokens_per_event=3, itl_ms=5.0) as server:
        run = bench("load", server.url, tmp_path, "--concurrency", "2", "--requests", "4", "--output-tokens", "12")
    assert run.point["tokens"]["generated"] == 48
    assert run.point["tokens"]["events"] <= 16
    assert "several_tokens_per_event" in run.flags


def test_a_server_without_usage_is_counted_by_events_and_flagged(tmp_path: Path) -> None:
    with serving(usage=False) as server:
        run = bench("load", server.url, tmp_path, "--concurrency", "2", "--requests", "4", "--output-tokens", "6")
    assert run.point["tokens"]["source"] == {"chunks": 4}
    assert run.point["tokens"]["prompt"] is None
    assert run.result["load"]["words_fitted"] is False
    assert "tokens_from_chunks" in run.flags


def test_a_stream_that_ends_by_finish_reason_alone_is_complete(tmp_path: Path) -> None:
    with serving(done_marker=False) as server:
        run = bench("load", server.url, tmp_path, "--concurrency", "2", "--requests", "4")
    assert run.point["requests"]["ok"] == 4


@pytest.mark.parametrize("api", ["completions", "llamacpp"])
def test_the_other_apis_give_the_same_fields(tmp_path: Path, api: str) -> None:
    with serving() as server:
        run = bench(
            "load", server.url, tmp_path, "--api", api, "--concurrency", "2", "--requests", "4", "--output-tokens", "6"
        )
    assert run.code == 0, run.err
    assert run.point["tokens"]["generated"] == 24
    assert None not in run.point["shared"].values()
    if api == "llamacpp":
        assert run.requests[-1]["timings"]["predicted_n"] == 6


def test_waiting_for_a_slot_on_the_server_is_part_of_the_first_token(tmp_path: Path) -> None:
    with serving(slots=1, ttft_ms=30.0) as server:
        run = bench("load", server.url, tmp_path, "--concurrency", "4", "--requests", "8")
    assert run.point["ttft_ms"]["max"] >= 90


def test_several_worker_processes_send_every_request_once(tmp_path: Path) -> None:
    with serving() as server:
        options = ("--concurrency", "5", "--requests", "31", "--workers", "3")
        run = bench("load", server.url, tmp_path, *options)
        answered = server.server.truth.counts["ok"]
    assert run.code == 0, run.err
    assert run.point["requests"]["ok"] == 31
    assert run.point["requests"]["warmup"] == 5
    assert run.point["client"]["workers"] == 3
    indices = [each["index"] for each in run.requests]
    assert len(set(indices)) == 36
    assert answered == 36 + 2  # and the two probes of the prompt length


def test_arrivals_at_a_rate_keep_their_own_time(tmp_path: Path) -> None:
    with serving() as server:
        options = ("--rate", "50", "--requests", "30", "--max-in-flight", "1", "--seconds", "20")
        run = bench("load", server.url, tmp_path, *options)
    assert run.point["load"]["mode"] == "open"
    assert run.point["requests"]["ok"] == 30
    assert run.point["queue_ms"]["max"] > 0
    for each in run.requests:
        assert each["ttft_ms"] >= each["queue_ms"], "waiting on our side is part of what a user waits"


def test_a_ramp_and_a_search_run_to_their_end(tmp_path: Path) -> None:
    with serving(slots=2) as server:
        ramp = bench("load", server.url, tmp_path / "ramp", "--ramp", "10:60", "--seconds", "0.6")
        options = ("--search", "knee", "--search-limit", "8", "--requests", "12", "--max-error-share", "1")
        search = bench("load", server.url, tmp_path / "search", *options)
    assert ramp.code == 0, ramp.err
    assert ramp.point["load"]["rate_last"] == 60
    assert search.code == 0, search.err
    assert search.result["knee"]["concurrency"] in {each["load"]["concurrency"] for each in search.result["points"]}
    assert "knee: " in search.out


def test_an_answer_that_comes_whole_has_no_first_token(tmp_path: Path) -> None:
    with serving() as server:
        run = bench(
            "load", server.url, tmp_path, "--concurrency", "2", "--requests", "4", "--extra-body", '{"stream": false}'
        )
    assert run.point["requests"]["ok"] == 4
    assert run.point["ttft_ms"]["n"] == 0
    assert "not_streamed" in run.flags


def receipts_truth() -> dict[str, str]:
    truth = json.loads((RECEIPTS / "truth.json").read_text())
    return {hashlib.sha256((RECEIPTS / name).read_bytes()).hexdigest(): entry["text"] for name, entry in truth.items()}


def test_an_ocr_sweep_sends_each_file_byte_for_byte_and_scores_the_answers(tmp_path: Path) -> None:
    with serving(answers=receipts_truth(), verify_bodies=100) as server:
        run = bench("ocr-sweep", server.url, tmp_path, "--concurrency", "2,4", "--requests", "16")
        seen = server.server.truth.image_sha256
    assert run.code == 0, run.err + run.out
    assert set(seen) == receipts_truth().keys()
    assert {each["sha256"] for each in run.result["load"]["images"]} == set(seen)
    for point in run.result["points"]:
        assert point["score"]["similarity_mean"] == 1.0
        assert point["score"]["exact_share"] == 1.0
        assert point["score"]["scored"] == 16
    assert len({each["label"] for each in run.requests}) == 8


def test_a_fast_but_garbled_level_is_a_failed_level(tmp_path: Path) -> None:
    answers = dict.fromkeys(receipts_truth(), "the of and to in is you")
    with serving(answers=answers, verify_bodies=100) as server:
        run = bench("ocr-sweep", server.url, tmp_path, "--concurrency", "2", "--requests", "8")
    assert run.code == 4
    assert "garbled" in run.flags
    assert run.result["verdict"]["ok"] is False
    assert "similarity" in run.result["run"]["exit_reason"]


def test_only_the_requested_field_can_be_scored(tmp_path: Path) -> None:
    truth = json.loads((RECEIPTS / "truth.json").read_text())["receipt-1.jpg"]["fields"]["date"]
    image = RECEIPTS / "receipt-1.jpg"
    answers = {hashlib.sha256(image.read_bytes()).hexdigest(): f"It was issued on {truth}."}
    with serving(answers=answers, verify_bodies=100) as server:
        options = ("--image", str(image), "--fields", "date", "--prompt", "when was this receipt issued?")
        run = bench("ocr-sweep", server.url, tmp_path, *options, "--concurrency", "2", "--requests", "4")
        wrong = bench(
            "ocr-sweep", server.url, tmp_path / "wrong", *options[:2], "--fields", "colour", "--concurrency", "2"
        )
    assert run.code == 0, run.err
    assert run.point["score"]["exact_share"] == 1.0
    assert run.point["score"]["similarity_mean"] is None
    assert wrong.code == 2
    assert "no field 'colour'" in wrong.result["run"]["exit_reason"]


def test_sanity_passes_on_a_sane_server(tmp_path: Path) -> None:
    with serving() as server:
        run = bench("sanity", server.url, tmp_path)
    assert run.code == 0, run.err
    assert [each["name"] for each in run.result["checks"]] == [
        "health",
        "models",
        "streamed request",
        "concurrent requests",
    ]
    assert all(each["ok"] for each in run.result["checks"])
    assert run.result["sanity"]["ttft_ms"] > 0


def test_sanity_fails_where_the_model_is_another(tmp_path: Path) -> None:
    with serving() as server:
        run = bench("sanity", server.url, tmp_path, "--model", "other")
    assert run.code == 4
    assert "other is not among them" in run.result["run"]["exit_reason"]


def test_what_the_host_side_knows_is_embedded_from_the_start(tmp_path: Path) -> None:
    context = tmp_path / "context.json"
    known = {
        "target": {"profile": "ocr", "model": {"id": "x", "revision": "abc"}},
        "gpus": [{"index": 0}],
        "run": {"label": "A"},
    }
    context.write_text(json.dumps(known))
    with serving() as server:
        run = bench("sanity", server.url, tmp_path / "run", "--context", str(context))
    assert run.result["target"]["profile"] == "ocr"
    assert run.result["target"]["model"] == {"id": "x", "revision": "abc"}
    assert run.result["gpus"] == [{"index": 0}]
    assert run.result["run"]["label"] == "A"


def test_sanity_can_send_an_image_where_the_server_wants_one(tmp_path: Path) -> None:
    with serving(verify_bodies=50) as server:
        run = bench("sanity", server.url, tmp_path, "--with-image", str(RECEIPTS / "receipt-1.jpg"))
        seen = server.server.truth.image_sha256
    assert run.code == 0, run.out
    assert set(seen) == {hashlib.sha256((RECEIPTS / "receipt-1.jpg").read_bytes()).hexdigest()}


def test_sanity_ends_on_a_server_that_hangs(tmp_path: Path) -> None:
    with serving(faults={1: "hang"}) as server:
        run = bench("sanity", server.url, tmp_path, "--timeout", "8")
    assert run.code == 4
    assert "streamed request: timeout" in run.result["run"]["exit_reason"]
