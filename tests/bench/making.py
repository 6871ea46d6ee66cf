"""Runs as the client writes them, made up: what a test varies is an argument, the figures follow from the requests."""

from __future__ import annotations

import json
import math
import random
from copy import deepcopy
from functools import cache
from typing import TYPE_CHECKING, Any

from benchmarks.mmbench.stats import distribution
from mmcompose.bench.results.record import Record, read

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

ENGINE = {"name": "vllm", "version": "0.24.0", "image": "vllm/vllm-openai:v0.24.0", "digest": "sha256:" + "a" * 64}


def requests(
    level: int, count: int = 200, *, ttft: float = 50.0, tpot: float = 10.0, tokens: int = 64, seed: int = 1
) -> list[dict[str, Any]]:
    """Log-normal times around the given medians."""
    rng = random.Random(f"{seed}/{level}")
    found = []
    for index in range(count):
        first, each = ttft * math.exp(rng.gauss(0, 0.2)), tpot * math.exp(rng.gauss(0, 0.05))
        whole = first + each * (tokens - 1)
        found.append({
            "point": f"c={level}", "index": index, "phase": "measured", "ok": True, "error": None, "status": 200,
            "start_s": round(index * whole / 1000 / level, 6), "wall_s": round(whole / 1000, 6),
            "ttft_ms": round(first, 4), "tpot_ms": round(each, 4), "e2e_ms": round(whole, 4),
            "prompt_tokens": 32, "generated_tokens": tokens, "events": tokens,
        })  # fmt: skip
    return found


def point(level: int, made: Sequence[Mapping[str, Any]], **changes: Any) -> dict[str, Any]:
    ok = [one for one in made if one["ok"]]
    failed = len(made) - len(ok)
    times = sum(one["wall_s"] for one in ok) or 1.0
    tokens = sum(one["generated_tokens"] for one in ok)
    gaps = [one["tpot_ms"] for one in ok for _ in range(5)]
    wall = times / level
    found: dict[str, Any] = {
        "name": f"c={level}",
        "load": {"mode": "closed", "dataset": "random words", "concurrency": level, "requests": len(made),
                 "input_tokens": 32, "output_tokens": 64, "ignore_eos": True, "seed": 1, "warmup_requests": level},
        "requests": {"sent": len(made), "ok": len(ok), "failed": failed, "cancelled": 0},
        "errors": {"http_500": failed} if failed else {},
        "error_examples": {"http_500": "HTTP 500: <b>overloaded</b>"} if failed else {},
        "error_share": failed / len(made) if made else None,
        "window": {"steady": True, "duration_s": round(wall, 3), "in_flight_mean": float(level)},
        "req_s": round(len(ok) / wall, 4),
        "output_tok_s": round(tokens / wall, 3),
        "tokens": {"prompt": 32 * len(ok), "generated": tokens},
        **{
            name: distribution(name, [one[name] for one in ok])
            for name in ("ttft_ms", "tpot_ms", "e2e_ms")
        },
        "itl_ms": distribution("itl_ms", gaps, cdf=True),
        "client": {"workers": 1, "saturated": False, "cpu_share": 0.1},
        "shared": {"wall_s": None, "ttft_ms": None, "generation_tok_per_s": None, "prompt_tokens": 32 * len(ok),
                   "generated_tokens": tokens},
        "validity": [],
    }  # fmt: skip
    return found | changes


def result(points: Sequence[Mapping[str, Any]], kind: str = "load", **changes: Any) -> dict[str, Any]:
    made: dict[str, Any] = {
        "schema": "mmcompose.bench/1",
        "schema_minor": 0,
        "kind": kind,
        "run": {"id": "20261120T060000-abc123", "label": None, "started": "2026-11-20T06:00:00.000Z",
                "finished": "2026-11-20T06:01:00.000Z", "status": "complete", "exit_reason": None, "exit_code": 0,
                "seed": 1, "command": ["load", "--base-url", "http://ocr:8000"],
                "tool": {"name": "mmbench", "version": "0.1.0"}},
        "target": {"base_url": "http://ocr:8000", "api": "chat", "profile": "ocr", "service": "ocr",
                   "engine": deepcopy(ENGINE) | {"args": ["zai-org/GLM-OCR", "--max-num-seqs", "16"]},
                   "model": {"id": "glm-ocr", "revision": None}},
        "host": {"cpu": "AMD EPYC", "cores": 16, "ram_mib": 96000, "kernel": "6.1.0", "docker": "28.5.2"},
        "gpus": [{"index": 0, "uuid": "GPU-1", "name": "RTX 4070 Ti", "memory_mib": 12282, "driver": "550.1"}],
        "project": {"git_sha": "0" * 40, "dirty": False, "profile_sha256": "b" * 64},
        "load": {"mode": "closed", "dataset": "random words"},
        "points": list(points),
        "verdict": {"ok": True, "reasons": []},
    }  # fmt: skip
    return made | changes


def write(folder: Path, data: Mapping[str, Any], lines: Sequence[Mapping[str, Any]] = ()) -> Record:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "result.json").write_text(json.dumps(data), encoding="utf-8")
    (folder / "requests.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    rows = ["point,t,in_flight,ended,failed,tokens"]
    rows += [f"p,{second},{8 if second < 10 else 16},5,0,{500 + 20 * second}" for second in range(20)]
    (folder / "series.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return read(folder)


def run(folder: Path, levels: Sequence[int] = (8, 16, 24, 32), *, slots: int = 16, count: int = 200, seed: int = 1,
        slower: float = 1.0, **changes: Any) -> Record:  # fmt: skip
    """A sweep over an engine with so many slots: beyond them first tokens wait and throughput stays."""
    points, lines = swept(tuple(levels), slots, count, seed, slower)
    data = result(points, **changes)
    return write(folder, data | {"run": data["run"] | {"id": folder.name}}, lines)


@cache
def swept(
    levels: tuple[int, ...], slots: int, count: int, seed: int, slower: float
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Points and requests, which are only written to files: many tests begin with the same."""
    points, lines = [], []
    for level in levels:
        waiting = max(0.0, level / slots - 1)
        made = requests(
            level, count, ttft=slower * (50 + 700 * waiting), tpot=slower * (8 + 0.2 * min(level, slots)), seed=seed
        )
        lines += made
        points.append(point(level, made))
    return points, lines
