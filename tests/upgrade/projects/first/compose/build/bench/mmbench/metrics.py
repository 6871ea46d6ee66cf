"""What the engine says of itself at /metrics, before and after a level. Names differ per engine, meanings do not."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from typing import Any

LINE = re.compile(r"^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{.*\})?\s+(\S+)(?:\s+-?\d+)?$")
PATHS = ("/metrics", "/prometheus/metrics")

# Counters grow: their difference over a level is reported. First name that is there wins (newer name first).
COUNTERS = {
    "prompt_tokens": (
        "vllm:prompt_tokens_total",
        "sglang:prompt_tokens_total",
        "llamacpp:prompt_tokens_total",
        "trtllm_prompt_tokens_total",
        "trtllm:prompt_tokens_total",
    ),
    "generation_tokens": (
        "vllm:generation_tokens_total",
        "sglang:generation_tokens_total",
        "llamacpp:tokens_predicted_total",
        "trtllm_generation_tokens_total",
        "trtllm:generation_tokens_total",
    ),
    "requests_ok": (
        "vllm:request_success_total",
        "sglang:num_requests_total",
        "trtllm_request_success_total",
        "trtllm:request_success_total",
        "ovms_requests_success",
    ),
    "requests_failed": ("sglang:num_aborted_requests_total", "ovms_requests_fail"),
    "preemptions": ("vllm:num_preemptions_total", "sglang:num_retractions_total"),
    "prefix_cache_queries": ("vllm:prefix_cache_queries_total", "vllm:gpu_prefix_cache_queries_total"),
    "prefix_cache_hits": (
        "vllm:prefix_cache_hits_total",
        "vllm:gpu_prefix_cache_hits_total",
        "sglang:cached_tokens_total",
    ),
    "image_cache_queries": ("vllm:mm_cache_queries_total",),
    "image_cache_hits": ("vllm:mm_cache_hits_total",),
    "draft_tokens": ("vllm:spec_decode_num_draft_tokens_total",),
    "accepted_tokens": ("vllm:spec_decode_num_accepted_tokens_total",),
    "prompt_seconds": ("llamacpp:prompt_seconds_total",),
    "generation_seconds": ("llamacpp:tokens_predicted_seconds_total",),
    "ttft_seconds_sum": (
        "vllm:time_to_first_token_seconds_sum",
        "sglang:time_to_first_token_seconds_sum",
        "trtllm_time_to_first_token_seconds_sum",
        "trtllm:time_to_first_token_seconds_sum",
    ),
    "ttft_seconds_count": (
        "vllm:time_to_first_token_seconds_count",
        "sglang:time_to_first_token_seconds_count",
        "trtllm_time_to_first_token_seconds_count",
        "trtllm:time_to_first_token_seconds_count",
    ),
    "queue_seconds_sum": (
        "vllm:request_queue_time_seconds_sum",
        "sglang:queue_time_seconds_sum",
        "trtllm_request_queue_time_seconds_sum",
        "trtllm:request_queue_time_seconds_sum",
    ),
    "queue_seconds_count": (
        "vllm:request_queue_time_seconds_count",
        "sglang:queue_time_seconds_count",
        "trtllm_request_queue_time_seconds_count",
        "trtllm:request_queue_time_seconds_count",
    ),
}
# Gauges are states: the value after the level is reported.
GAUGES = {
    "running": ("vllm:num_requests_running", "sglang:num_running_reqs", "llamacpp:requests_processing",
                "ovms_current_graphs", "ovms_current_requests"),
    "waiting": ("vllm:num_requests_waiting", "sglang:num_queue_reqs", "llamacpp:requests_deferred"),
    "kv_cache_share": ("vllm:kv_cache_usage_perc", "vllm:gpu_cache_usage_perc", "sglang:token_usage",
                       "llamacpp:kv_cache_usage_ratio", "trtllm_kv_cache_utilization", "trtllm:kv_cache_utilization"),
    "prefix_cache_hit_rate": ("sglang:cache_hit_rate", "trtllm_kv_cache_hit_rate", "trtllm:kv_cache_hit_rate"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Scrape:
    """One reading: values by name, summed over labels (models, ranks, finish reasons)."""

    path: str
    values: dict[str, float]


def parse(text: str) -> dict[str, float]:
    """Prometheus text. A line that is none is passed over: one odd metric must not cost the others."""
    values: dict[str, float] = {}
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        found = LINE.match(line.strip())
        if not found or found[1].endswith(("_bucket", "_created")):
            continue
        try:
            value = float(found[3])
        except ValueError:
            continue
        if math.isfinite(value):
            values[found[1]] = values.get(found[1], 0.0) + value
    return values


def is_prometheus(body: bytes) -> bool:
    """TensorRT-LLM answers JSON statistics at /metrics, and Prometheus text elsewhere."""
    try:
        json.loads(body)
    except (ValueError, RecursionError):
        return bool(body.strip())
    return False


def first(values: dict[str, float], names: tuple[str, ...]) -> float | None:
    return next((values[name] for name in names if name in values), None)


def compare(before: Scrape | None, after: Scrape | None) -> dict[str, Any] | None:
    """Differences of counters, states after; a counter that fell (a restart) is null, never a negative number."""
    if before is None or after is None:
        return None
    told: dict[str, Any] = {"path": after.path}
    for key, names in COUNTERS.items():
        old, new = first(before.values, names), first(after.values, names)
        if new is not None:
            told[key] = None if old is not None and new < old else round(new - (old or 0.0), 6)
    for key, names in GAUGES.items():
        state = first(after.values, names)
        if state is not None:
            told[key] = state
    for name in ("ttft", "queue"):
        total, count = told.pop(f"{name}_seconds_sum", None), told.pop(f"{name}_seconds_count", None)
        if total is not None and count:
            told[f"{name}_mean_ms"] = round(1000 * total / count, 4)
    return told
