"""The names of metrics that the benchmark client knows, taken from the tables of the engines.

`python -m tests.bench.client_metrics` writes them; a test holds them against the tables.
"""

from __future__ import annotations

import json
from typing import Any

from mmcompose.engines.known import folder, metrics
from tests.making import ROOT

FILE = ROOT / "benchmarks/mmbench/metric_names.json"
COUNTERS = (
    "prompt_tokens", "generation_tokens", "requests_ok", "requests_failed", "requests_accepted", "preemptions",
    "prefix_cache_queries", "prefix_cache_hits", "image_cache_queries", "image_cache_hits", "draft_tokens",
    "accepted_tokens", "prompt_seconds", "generation_seconds",
)  # fmt: skip
GAUGES = {
    "running": "requests_running",
    "waiting": "requests_waiting",
    "kv_cache_share": "kv_cache_usage",
    "prefix_cache_hit_rate": "prefix_cache_hit_rate",
}
"""What a result calls it, and the concept of the tables."""
MEANS = {"ttft": "ttft", "queue": "queue_time"}
OWNERS = {"trtllm": ("tensorrt_llm", "tensorrtllm", "trtllm")}
"""The owner that an engine's list of models names, where its metrics path is not the usual one."""


def text() -> str:
    data = {
        "paths": {
            owner: table.path
            for engine, owners in OWNERS.items()
            if (table := metrics.table(engine))
            for owner in owners
        },
        "counters": {concept: _names(concept) for concept in COUNTERS},
        "gauges": {called: _names(concept) for called, concept in GAUGES.items()},
        "means": {called: _names(concept) for called, concept in MEANS.items()},
    }
    return json.dumps(data, indent=1) + "\n"


def _names(concept: str) -> list[dict[str, Any]]:
    """Of all engines and releases: their names differ, so the client need not know which engine it asks."""
    found: dict[str, dict[str, Any]] = {}
    for engine in folder.having("metrics.json"):
        table = metrics.table(engine)
        assert table is not None
        for row in table.rows:
            if row.concept == concept:
                reported = {"name": row.name, "select": {name: list(values) for name, values in row.select.items()},
                        "same_on": list(row.same_on), "share": row.unit == "ratio"}  # fmt: skip
                found.setdefault(json.dumps(reported), {key: value for key, value in reported.items() if value})
    return list(found.values())


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
