"""Turns one measured level into one point of the result: counts, errors, window, distributions, throughput, flags."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import fmean
from typing import Any

from .drive import Outcome
from .flags import flags
from .health import healthy
from .sample import MEASURED, Sample
from .selfcheck import CPU_LIMIT, LAG_LIMIT_MS, Reading
from .slo import goodput
from .stats import distribution, percentile
from .window import Window, closed_window, ended_inside, in_flight_mean, open_window, tokens_inside


@dataclass(slots=True)
class Measured:
    """Everything known about a level when its load has ended."""

    name: str
    load: dict[str, Any]
    outcome: Outcome
    readings: list[Reading]
    slo: dict[str, float] = field(default_factory=dict)
    server: dict[str, Any] | None = None
    score: dict[str, Any] | None = None
    max_error_share: float = 0.0


def summarise(level: Measured) -> dict[str, Any]:
    outcome = level.outcome
    closed = level.load["mode"] == "closed"
    window = closed_window(outcome.samples, outcome.idle_ns) if closed else open_window(outcome.samples)
    measured = [each for each in outcome.samples if each.phase == MEASURED]
    ok = [each for each in measured if each.ok]
    failed = [each for each in measured if not each.ok and not each.cancelled]
    point: dict[str, Any] = {
        "name": level.name,
        "load": level.load,
        "requests": counts(outcome.samples, measured, ok, failed),
        "errors": dict(Counter(each.error for each in failed)),
        "error_examples": {str(each.error): each.detail[:500] for each in reversed(failed)},
        "error_share": round(len(failed) / (len(ok) + len(failed)), 6) if ok or failed else None,
        "window": window_of(window, outcome.samples),
        "whole_run": throughput(outcome.samples, whole(measured), bool(ok)),
        **throughput(outcome.samples, window, bool(ok)),
        "tokens": tokens(ok),
        **{
            name: distribution(name, [getattr(each, name) for each in ok])
            for name in ("ttft_ms", "ttfo_ms", "tpot_ms", "e2e_ms", "queue_ms")
        },
        "itl_ms": distribution("itl_ms", gaps(ok), cdf=True),
        "goodput": goodput([each for each in measured if not each.cancelled], level.slo, span(measured)),
        "client": client(level.readings, sum(len(each.stamps) for each in outcome.samples)),
        "server": level.server,
        "score": level.score,
        "stopped": outcome.dead,
    }
    point["healthy"] = healthy(point, level.max_error_share)
    point["shared"] = shared(point)
    point["validity"] = flags(point)
    return point


def counts(
    everything: Sequence[Sample], measured: Sequence[Sample], ok: Sequence[Sample], failed: Sequence[Sample]
) -> dict[str, int]:
    return {
        "sent": len(measured),
        "ok": len(ok),
        "failed": len(failed),
        "cancelled": sum(each.cancelled for each in measured),
        "timed_out": sum(each.error in {"timeout", "connect_timeout"} for each in failed),
        "empty": sum(each.error == "empty" for each in failed),
        "truncated": sum(each.finish_reason == "length" for each in ok),
        "not_streamed": sum(not each.streamed for each in ok),
        "tried_again": sum(each.tries > 1 for each in measured),
        "reconnected": sum(each.reconnected for each in measured),
        "warmup": len(everything) - len(measured),
        "warmup_failed": sum(not each.ok for each in everything if each.phase != MEASURED),
    }


def whole(measured: Sequence[Sample]) -> Window:
    ended = [each for each in measured if each.end_ns]
    if not ended:
        return Window(0, 0, steady=False)
    return Window(min(each.intended_ns for each in ended) - 1, max(each.end_ns for each in ended), steady=False)


def span(measured: Sequence[Sample]) -> float:
    return whole(measured).seconds


def window_of(window: Window, samples: Sequence[Sample]) -> dict[str, Any]:
    return {
        "definition": "ramp-up and drain cut off: the number in flight was the target"
        if window.steady
        else "the whole measured run, ramp-up and drain included",
        "steady": window.steady,
        "duration_s": round(window.seconds, 6),
        "in_flight_mean": round(in_flight_mean(samples, window), 3),
    }


def throughput(samples: Sequence[Sample], window: Window, answered: bool) -> dict[str, float | None]:
    """The throughput of successful requests, over a time that includes the failed ones.

    None if no measured request was answered: a warm-up request that ends in the window is no measurement.
    """
    if not window.seconds or not answered:
        return {"duration_s": round(window.seconds, 6), "req_s": None, "output_tok_s": None, "input_tok_s": None}
    good = [each for each in ended_inside(samples, window) if each.ok]
    return {
        "duration_s": round(window.seconds, 6),
        "req_s": round(len(good) / window.seconds, 4),
        "output_tok_s": round(tokens_inside(samples, window) / window.seconds, 4),
        "input_tok_s": round(sum(each.prompt_tokens or 0 for each in good) / window.seconds, 4),
    }


def tokens(ok: Sequence[Sample]) -> dict[str, Any]:
    faults = [each.token_fault for each in ok if each.token_fault]
    prompts = [each.prompt_tokens for each in ok if each.prompt_tokens is not None]
    generated = sorted(each.generated_tokens for each in ok)
    reasoning = [each.reasoning_tokens for each in ok if each.reasoning_tokens is not None]
    cached = [each.cached_tokens for each in ok if each.cached_tokens is not None]
    return {
        "source": dict(Counter(each.token_source for each in ok)),
        "impossible": len(faults),
        "beyond_asked": sum(each.beyond_limit for each in ok),
        "impossible_example": faults[0] if faults else None,
        "prompt": sum(prompts) if prompts else None,
        "prompt_per_request": round(fmean(prompts), 2) if prompts else None,
        "generated": sum(generated),
        "generated_per_request": round(fmean(generated), 2) if generated else 0.0,
        "generated_min": generated[0] if generated else None,
        "generated_p50": percentile(generated, 0.5) if generated else None,
        "generated_max": generated[-1] if generated else None,
        "reasoning": sum(reasoning) if reasoning else None,
        "cached": sum(cached) if cached else None,
        "events": sum(len(each.stamps) for each in ok if each.streamed),
    }


def gaps(ok: Sequence[Sample]) -> list[float | None]:
    return [
        (after - before) / 1e6
        for each in ok
        if each.streamed
        for before, after in zip(each.stamps, each.stamps[1:], strict=False)
    ]


def client(readings: Sequence[Reading], events: int) -> dict[str, Any]:
    """The state of the client: that of the worst worker, since a slow worker falsifies its share of the latencies."""
    shares = [each.cpu_s / each.wall_s if each.wall_s else 0.0 for each in readings]
    lags = [percentile(sorted(each.lags_ms), 0.99) if each.lags_ms else 0.0 for each in readings]
    cpu = sum(each.cpu_s for each in readings)
    return {
        "workers": len(readings),
        "cpu_share": round(max(shares, default=0.0), 4),
        "cpu_s": round(cpu, 4),
        "cpu_us_per_event": round(cpu / events * 1e6, 2) if events else None,
        "loop_lag_p99_ms": round(max(lags, default=0.0), 3),
        "max_rss_mib": round(max((each.max_rss_mib for each in readings), default=0.0), 1),
        "saturated": bool(max(shares, default=0.0) > CPU_LIMIT or max(lags, default=0.0) > LAG_LIMIT_MS),
    }


def shared(point: dict[str, Any]) -> dict[str, Any]:
    """Five fields that every backend's result has, for tables across backends."""
    return {
        "wall_s": point["whole_run"]["duration_s"],
        "ttft_ms": point["ttft_ms"]["p50"],
        "generation_tok_per_s": point["output_tok_s"],
        "prompt_tokens": point["tokens"]["prompt"],
        "generated_tokens": point["tokens"]["generated"],
    }
