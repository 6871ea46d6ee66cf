"""`vllm bench serve --save-result --save-detailed`, as release 0.32 writes it, read into our schema."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from mmcompose.bench.kinds.vllm_bench import KIND
from mmcompose.bench.kinds.vllm_import import imported, verdict
from mmcompose.bench.results.record import UnreadableError, read
from mmcompose.bench.results.writing import begun
from mmcompose.bench.run.begun import Run
from mmcompose.bench.run.launch import Ended
from tests.bench.test_record import SCHEMA

if TYPE_CHECKING:
    from pathlib import Path

RUN = {"id": "20261120T060000-aa", "started": "2026-11-20T06:00:00.000Z", "status": "complete"}
LOAD = {"input_tokens": 32, "output_tokens": 4}
TRACEBACK = """Traceback (most recent call last):
  File "x.py", line 1, in f
aiohttp.client_exceptions.ServerTimeoutError: slow"""


def theirs(count: int = 200, failures: int = 0, **changes: Any) -> dict[str, Any]:
    """The fields in the order in which benchmarks/serve.py of vLLM 0.32.0 puts them."""
    ok = count - failures
    first = [0.05 + 0.001 * index for index in range(ok)]
    data: dict[str, Any] = {
        "date": "20261120-060000", "endpoint_type": "openai-chat", "backend": "openai-chat", "label": None,
        "model_id": "zai-org/GLM-OCR", "tokenizer_id": "zai-org/GLM-OCR", "num_prompts": count, "request_rate": "inf",
        "burstiness": 1.0, "max_concurrency": 16, "duration": 10.0, "completed": ok, "failed": failures,
        "total_input_tokens": 32 * ok, "total_output_tokens": 4 * ok, "request_throughput": ok / 10,
        "request_goodput": None, "output_throughput": 4 * ok / 10, "total_token_throughput": 36 * ok / 10,
        "input_lens": [32] * count, "output_lens": [4] * ok + [0] * failures, "ttfts": first + [0.0] * failures,
        "itls": [[0.01, 0.02, 0.03]] * ok + [[]] * failures,
        "latencies": [each + 0.06 for each in first] + [0.0] * failures,
        "start_times": [100.0 + 0.05 * index for index in range(count)], "queue_times": [0.0] * count,
        "generated_texts": ["a b c d"] * ok + [""] * failures, "errors": [""] * ok + [TRACEBACK] * failures,
        "max_output_tokens_per_s": 90.0, "max_concurrent_requests": 17, "rtfx": 0.0, "mean_ttft_ms": 150.0,
        "median_ttft_ms": 149.5, "std_ttft_ms": 57.0, "p99_ttft_ms": 247.01, "mean_tpot_ms": 20.0,
        "median_tpot_ms": 20.0, "std_tpot_ms": 0.0, "p99_tpot_ms": 20.0, "mean_itl_ms": 20.0, "median_itl_ms": 20.0,
        "std_itl_ms": 8.2, "p99_itl_ms": 30.0,
    }  # fmt: skip
    return data | changes


def test_every_figure_is_taken_over_or_computed_from_the_requests() -> None:
    point, lines = imported(theirs(), LOAD)
    assert (point["name"], point["load"]["mode"], point["load"]["concurrency"]) == ("c=16", "closed", 16)
    assert (point["req_s"], point["output_tok_s"], point["requests"]["ok"]) == (20.0, 80.0, 200)
    assert point["ttft_ms"]["p50"] == pytest.approx(149.5)
    assert point["ttft_ms"]["p99"] == pytest.approx(247.01)
    assert point["itl_ms"]["p50"] == pytest.approx(20)
    assert point["itl_ms"]["n"] == 600
    assert point["tpot_ms"]["p50"] == pytest.approx(20)
    assert lines[3]["start_s"] == pytest.approx(0.15)
    assert {line["point"] for line in lines} == {"c=16"}
    assert "even one without text" in point["ttft_ms"]["definition"]


def test_failures_which_their_exit_code_hides_are_a_failed_run() -> None:
    point, lines = imported(theirs(failures=20), LOAD)
    assert point["errors"] == {"ServerTimeoutError": 20}
    assert point["error_share"] == 0.1
    assert verdict(point) == {"ok": False, "reasons": ["c=16: 20 of 200 failed"]}
    assert "errors_present" in [flag["id"] for flag in point["validity"]]
    assert sum(not line["ok"] for line in lines) == 20


def test_without_details_their_own_figures_are_kept() -> None:
    names = ("ttfts", "itls", "latencies", "output_lens", "input_lens", "start_times", "errors", "generated_texts")
    data = {name: value for name, value in theirs().items() if name not in names}
    point, lines = imported(data, LOAD)
    Draft202012Validator(SCHEMA).validate({**begun("vllm-bench", RUN, {"gpus": []}), "points": [point]})
    assert lines == []
    assert point["ttft_ms"]["p50"] == 149.5
    assert point["ttft_ms"]["p99"] == 247.01


def test_a_release_without_latencies_and_failed_is_read() -> None:
    data = {
        name: value for name, value in theirs(failures=5).items() if name not in ("latencies", "failed", "queue_times")
    }
    point, _ = imported(data, LOAD)
    assert point["requests"] == {"sent": 200, "ok": 195, "failed": 5}
    assert point["e2e_ms"]["p50"] == pytest.approx(1000 * (0.05 + 0.097 + 0.06), rel=0.01)


def test_fewer_than_a_hundred_answers_have_no_p99() -> None:
    point, _ = imported(theirs(50), LOAD)
    assert point["ttft_ms"]["p99"] is None
    assert "too_few_samples" in [flag["id"] for flag in point["validity"]]


def test_short_answers_and_rates_are_seen() -> None:
    point, _ = imported(theirs(request_rate=5.0, max_concurrency=None), {"output_tokens": 64})
    assert (point["name"], point["load"]["mode"]) == ("rate=5", "open")
    assert "short_outputs" in [flag["id"] for flag in point["validity"]]


@pytest.mark.parametrize("data", [None, [], {}, {"duration": "x"}, {"duration": 1.0}, "text"])
def test_something_else_is_refused(data: Any) -> None:
    with pytest.raises(UnreadableError, match="not a result of vllm bench serve"):
        imported(data, LOAD)


@pytest.mark.parametrize("itls", [None, [], ["x"] * 200, [None] * 200, [[None]] * 200])
def test_broken_details_break_nothing(itls: Any) -> None:
    point, _ = imported(theirs(itls=itls), LOAD)
    assert point["itl_ms"]["n"] == 0


def test_a_run_folder_is_true_from_the_first_second(tmp_path: Path) -> None:
    known: dict[str, Any] = {
        "run": {"label": "ocr", "repeat_with": "mmcompose bench run ocr"},
        "target": {"profile": "ocr"},
        "host": None,
        "gpus": [],
    }
    folder = tmp_path / "vllm-bench/aa"
    run = Run(folder, "0a1b")
    more = KIND.begin(run, known, "/results/.context/0a1b.json", ["--num-prompts", "200"])
    assert more == ("--result-filename", "0a1b.json")
    assert read(folder).status == "running"
    raw = tmp_path / "vllm-bench/raw/0a1b.json"
    raw.parent.mkdir()
    raw.write_text(json.dumps(theirs()), encoding="utf-8")
    assert KIND.end(run, Ended(0, ()), {"random_input_len": 32, "num_prompts": 200}) == 0
    record = read(folder)
    assert (record.status, record.name, len(list(record.requests()))) == ("complete", "ocr", 200)
    Draft202012Validator(SCHEMA).validate(dict(record.result))
    assert (folder / "points.csv").read_text().startswith("point,ok,failed")


def test_a_program_that_wrote_nothing_leaves_an_aborted_run_with_its_last_lines(tmp_path: Path) -> None:
    folder = tmp_path / "vllm-bench/aa"
    run = Run(folder, "0a1b")
    KIND.begin(run, {}, "", [])
    code = KIND.end(run, Ended(1, ("x", "ValueError: no tokenizer")), {})
    record = read(folder)
    assert (code, record.status) == (1, "aborted")
    assert record.result["run"]["exit_reason"] == "no result was written: ValueError: no tokenizer"
