"""Turns the file of `vllm bench serve --save-result` into our schema; its terms differ, so each is explained."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mmcompose.bench.results.record import UnreadableError, number
from mmcompose.bench.results.resampling import quantile

DEFINITIONS = {
    "ttft_ms": "vllm bench: from handing the request to the HTTP client to the first event, even one without text",
    "itl_ms": "vllm bench: gap between two events of one request, all gaps of all requests pooled",
    "tpot_ms": "vllm bench: per request (end of the answer - first event) / (generated tokens - 1)",
    "e2e_ms": "vllm bench: from handing the request to the HTTP client to the end of the answer",
}
_ENOUGH = 100
_STEPS = 100
_FLAGS = (
    ("errors_present", "requests failed; latencies are those of the others"),
    ("too_few_samples", "too few requests for the requested percentiles"),
    ("no_steady_window", "vllm bench has no warm-up wave and no window: ramp-up and drain are in the figures"),
    ("short_outputs", "answers ended before the wanted length"),
)


def imported(data: Any, load: Mapping[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The one point and the lines of requests.jsonl. `load` is what the program's options set."""
    if not isinstance(data, Mapping) or number(data, "duration") is None or number(data, "completed") is None:
        raise UnreadableError("not a result of vllm bench serve: it has no duration and no count of completed requests")
    requests = _requests(data)
    point = _point(data, requests, load)
    return point, [{"point": point["name"], **line} for line in requests]


def _requests(data: Mapping[str, Any]) -> list[dict[str, Any]]:
    """One line for each request, if the run saved details."""
    ttfts, itls = _numbers(data, "ttfts"), data.get("itls")
    itls = itls if isinstance(itls, list) else []
    latencies, outputs = _numbers(data, "latencies"), _numbers(data, "output_lens")
    inputs, starts, errors = _numbers(data, "input_lens"), _numbers(data, "start_times"), data.get("errors") or []
    zero = min((start for start in starts if start), default=0.0)
    found = []
    for index, first in enumerate(ttfts):
        gaps = [gap for gap in _each(itls, index, []) or [] if isinstance(gap, (int, float))]
        whole = _each(latencies, index) or first + sum(gaps)
        tokens = int(_each(outputs, index) or 0)
        error = str(_each(errors, index) or "")
        # In some releases a failed request has neither an answer nor a text.
        ok = not error and (tokens > 0 or first > 0)
        found.append({
            "index": index,
            "phase": "measured",
            "ok": ok,
            "error": None if ok else _class(error),
            "detail": error[:500] or None,
            "start_s": round((_each(starts, index) or zero) - zero, 6),
            "wall_s": round(whole, 6) if ok else None,
            "ttft_ms": round(1000 * first, 4) if ok else None,
            "tpot_ms": round(1000 * (whole - first) / (tokens - 1), 4) if ok and tokens > 1 and whole > first else None,
            "e2e_ms": round(1000 * whole, 4) if ok else None,
            "prompt_tokens": int(_each(inputs, index) or 0),
            "generated_tokens": tokens,
            "gaps_ms": [round(1000 * gap, 4) for gap in gaps],
        })  # fmt: skip
    return found


def _point(data: Mapping[str, Any], requests: Sequence[Mapping[str, Any]], load: Mapping[str, Any]) -> dict[str, Any]:
    ok = [line for line in requests if line["ok"]]
    completed = int(number(data, "completed") or 0)
    sent = max(int(number(data, "num_prompts") or 0), completed, len(requests))
    failed = int(number(data, "failed") or 0) or sent - completed
    duration = number(data, "duration") or 0.0
    level, rate = number(data, "max_concurrency"), number(data, "request_rate")
    generated, prompt = int(number(data, "total_output_tokens") or 0), int(number(data, "total_input_tokens") or 0)
    errors = Counter(str(line["error"]) for line in requests if not line["ok"])
    if sum(errors.values()) < failed:
        errors["unknown"] += failed - sum(errors.values())
    wanted = load.get("output_tokens")
    closed = rate is None or math.isinf(rate)
    point: dict[str, Any] = {
        "name": f"c={level:g}" if level else "all at once" if closed else f"rate={rate:g}",
        "load": {
            "mode": "closed" if closed else "open",
            "dataset": "vllm bench random",
            "concurrency": int(level) if level else None,
            "rate": None if closed else rate,
            "requests": sent,
            **load,
        },
        "requests": {"sent": sent, "ok": completed, "failed": failed},
        "errors": dict(errors),
        "error_examples": {line["error"]: line["detail"] or "" for line in reversed(requests) if not line["ok"]},
        "error_share": round(failed / sent, 6) if sent else None,
        "window": {
            "definition": "the whole run: vllm bench has no window",
            "steady": False,
            "duration_s": round(duration, 6),
        },
        "req_s": number(data, "request_throughput"),
        "output_tok_s": number(data, "output_throughput"),
        "input_tok_s": round(prompt / duration, 4) if duration else None,
        "tokens": {
            "source": {"tokenizer": completed},
            "prompt": prompt,
            "generated": generated,
            "generated_per_request": round(generated / completed, 3) if completed else 0.0,
        },
        **{name: _times(name, data, ok) for name in DEFINITIONS},
        "goodput": None,
        "score": None,
        "server": None,
    }
    point["shared"] = {
        "wall_s": round(duration, 6),
        "ttft_ms": point["ttft_ms"]["p50"],
        "generation_tok_per_s": round(1000 / point["tpot_ms"]["p50"], 3) if point["tpot_ms"]["p50"] else None,
        "prompt_tokens": prompt,
        "generated_tokens": generated,
    }
    short = bool(wanted and completed and generated / completed < 0.9 * wanted)
    hits = {"errors_present": failed > 0, "too_few_samples": completed < _ENOUGH, "no_steady_window": True}
    point["validity"] = [{"id": name, "meaning": meaning} for name, meaning in _FLAGS if hits.get(name, short)]
    return point


def _times(name: str, data: Mapping[str, Any], ok: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Figures from the saved requests, else those that the program computed itself."""
    if ok and name == "itl_ms":
        return distribution(name, (gap for line in ok for gap in line["gaps_ms"]), cdf=True)
    if ok:
        return distribution(name, (line[name] for line in ok if line[name] is not None))
    theirs = {"ttft_ms": "ttft", "itl_ms": "itl", "tpot_ms": "tpot", "e2e_ms": "e2el"}[name]
    count = int(number(data, "completed") or 0)
    figures = {
        "mean": number(data, f"mean_{theirs}_ms"),
        "std": number(data, f"std_{theirs}_ms"),
        "p50": number(data, f"median_{theirs}_ms"),
        "p99": number(data, f"p99_{theirs}_ms") if count >= _ENOUGH else None,
    }
    return {"definition": DEFINITIONS[name], "unit": "ms", "n": count, **figures}


def distribution(name: str, values: Iterable[float], *, cdf: bool = False) -> dict[str, Any]:
    ordered = sorted(values)
    n = len(ordered)
    figures: dict[str, Any] = {"definition": DEFINITIONS[name], "unit": "ms", "n": n, "p50": None, "p99": None}
    if not n:
        return figures | {"note": "no values"}
    figures |= {"mean": round(sum(ordered) / n, 4), "min": ordered[0], "max": ordered[-1]}
    figures |= {f"p{share}": round(quantile(ordered, share / 100), 4) for share in (50, 90, 95)}
    if n >= _ENOUGH:
        figures["p99"] = round(quantile(ordered, 0.99), 4)
    if cdf:
        figures["quantiles"] = [round(quantile(ordered, step / _STEPS), 4) for step in range(_STEPS + 1)]
    return figures


def verdict(point: Mapping[str, Any]) -> dict[str, Any]:
    failed, sent = point["requests"]["failed"], point["requests"]["sent"]
    reasons = [f"{point['name']}: {failed} of {sent} failed"] if failed or not sent else []
    return {"ok": not reasons, "reasons": reasons}


def _class(error: str) -> str:
    """A short name of a failure: the exception at the end of a traceback, or the reason of an HTTP answer."""
    lines = [line.strip() for line in error.splitlines() if line.strip()]
    name = lines[-1].partition(":")[0].rpartition(".")[2].strip() if lines else ""
    return name[:40] if name else "no_answer"


def _numbers(data: Mapping[str, Any], name: str) -> list[float]:
    found = data.get(name)
    if not isinstance(found, list):
        return []
    return [float(value) if isinstance(value, (int, float)) else 0.0 for value in found]


def _each(values: Sequence[Any], index: int, missing: Any = None) -> Any:
    return values[index] if index < len(values) else missing
