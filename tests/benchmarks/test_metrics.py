"""What a client makes of an engine's own numbers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.mmbench.metrics import COUNTERS, GAUGES, MEANS, Scrape, compare, is_prometheus, parse, paths
from tests.bench import client_metrics

VLLM = """# HELP vllm:generation_tokens_total Number of generation tokens processed.
# TYPE vllm:generation_tokens_total counter
vllm:generation_tokens_total{engine="0",model_name="a b"} 100.0
vllm:generation_tokens_total{engine="1",model_name="a b"} 50.0
vllm:num_requests_running{engine="0"} 3
vllm:num_requests_waiting{engine="0"} NaN
vllm:kv_cache_usage_perc{engine="0"} 0.25
vllm:kv_cache_usage_perc{engine="1"} 0.5
vllm:request_success_total{engine="0",finished_reason="stop"} 4
vllm:request_success_total{engine="0",finished_reason="length"} 5
vllm:request_success_total{engine="0",finished_reason="abort"} 2
vllm:request_success_total{engine="0",finished_reason="error"} 1
vllm:time_to_first_token_seconds_sum{engine="0"} 2.0
vllm:time_to_first_token_seconds_count{engine="0"} 10
vllm:time_to_first_token_seconds_bucket{engine="0",le="+Inf"} 10
not a metric at all
"""


def compared(after: str, before: str = "") -> dict[str, object]:
    found = compare(Scrape("/metrics", parse(before)), Scrape("/metrics", parse(after)))
    assert found is not None
    return {key: value for key, value in found.items() if key != "path"}


def test_the_names_are_those_of_the_tables() -> None:
    """`python -m tests.bench.client_metrics` writes them again."""
    assert client_metrics.FILE.read_text(encoding="utf-8") == client_metrics.text()


def test_counts_are_summed_and_shares_are_not() -> None:
    assert compared(VLLM) == {
        "generation_tokens": 150.0,
        "requests_ok": 9.0,
        "requests_failed": 3.0,
        "running": 3.0,
        "kv_cache_share": 0.5,
        "ttft_mean_ms": 200.0,
    }


def test_an_abort_and_an_error_are_no_success() -> None:
    more = VLLM.replace('"stop"} 4', '"stop"} 6').replace('"error"} 1', '"error"} 8')
    found = compared(more, VLLM)
    assert (found["requests_ok"], found["requests_failed"]) == (2.0, 7.0)


SGLANG = """
sglang:num_running_reqs{model_name="m",tp_rank="0"} 3
sglang:num_running_reqs{model_name="m",tp_rank="1"} 3
sglang:num_running_reqs{model_name="m",tp_rank="0",dp_rank="1"} 2
sglang:generation_tokens_total{model_name="m"} 100
sglang:realtime_tokens_total{model_name="m",mode="decode",tp_rank="0"} 180
sglang:realtime_tokens_total{model_name="m",mode="prefill_compute",tp_rank="0"} 40
sglang:realtime_tokens_total{model_name="m",mode="prefill_cache",tp_rank="0"} 2
sglang:num_retracted_requests_total{tp_rank="0"} 1
sglang:num_retractions_sum 77
"""


def test_sglang_counts_tokens_as_they_come_and_ranks_once() -> None:
    assert compared(SGLANG) == {
        "generation_tokens": 180.0,
        "prompt_tokens": 42.0,
        "running": 5.0,
        "preemptions": 1.0,
    }


def test_an_older_sglang_counts_tokens_at_the_end() -> None:
    assert compared("sglang:generation_tokens_total 100") == {"generation_tokens": 100.0}


OVMS = """
ovms_requests_success{api="KServe",interface="REST",method="ModelReady",name="m"} 900
ovms_requests_accepted{api="V3",interface="REST",method="Unary",name="m"} 7
ovms_requests_accepted{api="V3",interface="REST",method="Stream",name="m"} 3
ovms_requests_accepted{api="KServe",interface="gRPC",method="ModelInfer",name="m"} 50
ovms_graph_error{api="V3",interface="REST",method="Unary",name="m"} 2
ovms_current_graphs{name="m"} 1
"""


def test_of_a_graph_only_the_calls_of_the_chat_count() -> None:
    assert compared(OVMS) == {"requests_accepted": 10.0, "requests_failed": 2.0, "running": 1.0}


@given(st.text(max_size=200))
def test_any_text_is_parsed_without_a_traceback(text: str) -> None:
    parse(text)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("vllm:generation_tokens_total", "generation_tokens"),
        ("sglang:generation_tokens_total", "generation_tokens"),
        ("llamacpp:tokens_predicted_total", "generation_tokens"),
        ("llamacpp:prompt_tokens_total", "prompt_tokens"),
        ("trtllm_generation_tokens_total", "generation_tokens"),
        ("vllm:prefix_cache_hits_total", "prefix_cache_hits"),
    ],
)
def test_counters_of_every_engine_become_differences(name: str, key: str) -> None:
    assert compared(f"{name} 25", f"{name} 10") == {key: 15.0}


def test_a_counter_that_appears_during_the_level_counts_from_zero() -> None:
    assert compared("vllm:prompt_tokens_total 7", "x 1") == {"prompt_tokens": 7.0}


def test_a_counter_that_fell_means_a_restart_and_is_null() -> None:
    assert compared("vllm:prompt_tokens_total 3", "vllm:prompt_tokens_total 10") == {"prompt_tokens": None}


def test_numbers_beyond_all_measure_are_left_out() -> None:
    assert compared(
        "vllm:num_requests_running 1e308\nvllm:num_requests_waiting 1e999\nvllm:num_preemptions_total 3"
    ) == {"preemptions": 3.0}


def test_no_metrics_is_null() -> None:
    assert compare(None, Scrape("/metrics", {})) is None
    assert compare(Scrape("/metrics", {}), None) is None


def test_json_statistics_are_no_prometheus_text() -> None:
    assert not is_prometheus(b'[{"iter": 1}]')
    assert not is_prometheus(b"")
    assert is_prometheus(VLLM.encode())


def test_statistics_that_reading_empties_are_not_read() -> None:
    assert paths("tensorrt_llm") == ("/prometheus/metrics",)
    assert paths("vllm") == paths(None) == ("/metrics", "/prometheus/metrics")


def test_no_name_has_two_meanings() -> None:
    meanings: dict[tuple[str, str], set[str]] = {}
    for tables in (COUNTERS, GAUGES, MEANS):
        for key, rows in tables.items():
            for row in rows:
                meanings.setdefault((row.name, str(sorted(row.select.items()))), set()).add(key)
    assert [name for name, keys in meanings.items() if len(keys) > 1] == []
