from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.mmbench.metrics import COUNTERS, GAUGES, Scrape, compare, is_prometheus, parse

VLLM = """# HELP vllm:generation_tokens_total Number of generation tokens processed.
# TYPE vllm:generation_tokens_total counter
vllm:generation_tokens_total{engine="0",model_name="a b"} 100.0
vllm:generation_tokens_total{engine="1",model_name="a b"} 50.0
vllm:num_requests_running{engine="0"} 3
vllm:kv_cache_usage_perc{engine="0"} 0.25
vllm:time_to_first_token_seconds_sum{engine="0"} 2.0
vllm:time_to_first_token_seconds_count{engine="0"} 10
vllm:time_to_first_token_seconds_bucket{engine="0",le="+Inf"} 10
vllm:odd NaN
not a metric at all
"""


def scrape(**values: float) -> Scrape:
    return Scrape("/metrics", {name.replace("__", ":"): value for name, value in values.items()})


def test_prometheus_text_is_summed_over_labels() -> None:
    values = parse(VLLM)
    assert values["vllm:generation_tokens_total"] == 150
    assert values["vllm:kv_cache_usage_perc"] == 0.25
    assert "vllm:odd" not in values
    assert not any(name.endswith("_bucket") for name in values)


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
        ("ovms_requests_success", "requests_ok"),
        ("trtllm_request_success_total", "requests_ok"),
        ("vllm:prefix_cache_hits_total", "prefix_cache_hits"),
    ],
)
def test_counters_of_every_engine_become_differences(name: str, key: str) -> None:
    told = compare(Scrape("/metrics", {name: 10.0}), Scrape("/metrics", {name: 25.0}))
    assert told is not None
    assert told[key] == 15.0


def test_a_counter_that_appears_during_the_level_counts_from_zero() -> None:
    told = compare(scrape(x=1), Scrape("/metrics", {"vllm:prompt_tokens_total": 7.0}))
    assert told is not None
    assert told["prompt_tokens"] == 7.0


def test_a_counter_that_fell_means_a_restart_and_is_null() -> None:
    told = compare(scrape(vllm__prompt_tokens_total=10), scrape(vllm__prompt_tokens_total=3))
    assert told is not None
    assert told["prompt_tokens"] is None


def test_gauges_are_states_and_sums_become_means() -> None:
    before, after = Scrape("/metrics", {}), Scrape("/metrics", parse(VLLM))
    told = compare(before, after)
    assert told is not None
    assert told["running"] == 3
    assert told["kv_cache_share"] == 0.25
    assert told["ttft_mean_ms"] == 200.0


def test_no_metrics_is_null() -> None:
    assert compare(None, scrape()) is None
    assert compare(scrape(), None) is None


def test_json_statistics_are_no_prometheus_text() -> None:
    assert not is_prometheus(b'[{"iter": 1}]')
    assert not is_prometheus(b"")
    assert is_prometheus(VLLM.encode())


def test_no_name_has_two_meanings() -> None:
    names = [name for table in (COUNTERS, GAUGES) for group in table.values() for name in group]
    assert len(names) == len(set(names))
