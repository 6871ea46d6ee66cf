"""Validity flags, which a reader must know before trusting a point: a name for machines, a reason for people."""

from __future__ import annotations

from typing import Any

MEANING = {
    "client_saturated": "the client, not the server, limited this point",
    "client_starved": "other work kept the client waiting for the CPU, which its times contain",
    "too_few_samples": "too few requests for the requested percentiles",
    "errors_present": "requests failed; latencies are those of the others",
    "cancelled_requests": "the run was stopped while requests were in flight",
    "short_outputs": "answers ended before the wanted length",
    "smoke": "a smoke run: too few rows for a score that anything could be compared with",
    "truncated_outputs": "answers were cut at max tokens",
    "sent_again": "requests failed and were sent again; the times are those of the last try",
    "input_length_off": "the server counted another prompt length than the wanted one",
    "tokens_from_chunks": "the server sent no usage; events were counted instead of tokens",
    "several_tokens_per_event": "events carry several tokens, so gaps are not per token; use tpot_ms",
    "not_streamed": "answers came whole, so there is no first token and no gap",
    "no_steady_window": "too short to cut off ramp-up and drain; figures are of the whole run",
    "load_not_reached": "fewer requests were in flight than wanted",
    "prefix_cache_hits": "the engine answered part of the prompts from its prefix cache",
    "image_cache_hits": "the engine took images from its cache",
    "garbled": "answers do not match the ground truth",
    "unscored": "no ground truth for some images",
    "preempted": "the engine preempted requests for lack of memory",
    "retried": "requests were sent again, because the server was closing the kept connection as they left",
    "impossible_token_counts": "the server's own token counts cannot be true; events were counted instead",
    "longer_than_asked": "answers have more tokens than requested: the engine ignores the limit",
    "slow_for_sanity": "the answers are right, and slower than a quick check expects; that is no failure",
}
SHORT_SHARE = 0.9
RETRIED_SHARE = 0.01
BUSY = 0.4  # of a core: below, a late client was not late by its own work
IN_FLIGHT_SHARE = 0.9


def flags(point: dict[str, Any]) -> list[dict[str, str]]:
    """In the order of MEANING, each once."""
    found = {name: detail for name, detail in judged(point) if detail}
    return [{"id": name, "meaning": MEANING[name], "detail": found[name]} for name in MEANING if name in found]


def judged(point: dict[str, Any]) -> list[tuple[str, str]]:
    requests, tokens, load = point["requests"], point["tokens"], point["load"]
    ok = requests["ok"]
    wanted_output, wanted_input = load.get("output_tokens"), load.get("input_tokens")
    per_request, prompt = tokens["generated_per_request"], tokens["prompt_per_request"]
    events, server, score = tokens["events"], point.get("server") or {}, point.get("score") or {}
    in_flight, target = point["window"]["in_flight_mean"], load.get("concurrency")
    late, busy = bool(point["client"]["saturated"]), point["client"]["cpu_share"] > BUSY
    rules: list[tuple[str, bool, str]] = [
        ("client_saturated", late and busy, client_detail(point["client"])),
        ("client_starved", late and not busy, client_detail(point["client"])),
        ("too_few_samples", ok < 100, f"{ok} answers; p99 needs 100"),
        ("errors_present", requests["failed"] > 0, f"{requests['failed']} of {requests['sent']} requests failed"),
        ("cancelled_requests", requests["cancelled"] > 0, f"{requests['cancelled']} requests"),
        (
            "short_outputs",
            bool(
                load.get("ignore_eos") is not None
                and ok
                and wanted_output
                and per_request < SHORT_SHARE * wanted_output
            ),
            f"{per_request} tokens per answer, {wanted_output} were wanted",
        ),
        (
            "truncated_outputs",
            bool((load.get("images") or load.get("rows")) and requests["truncated"]),
            f"{requests['truncated']} of {ok} answers",
        ),
        (
            "input_length_off",
            bool(wanted_input and prompt is not None and abs(prompt - wanted_input) > max(2.0, 0.1 * wanted_input)),
            f"{prompt} tokens per prompt, {wanted_input} were wanted",
        ),
        ("smoke", load.get("rows", 0) < load.get("rows_of", 0), f"{load.get('rows')} of {load.get('rows_of')} rows"),
        ("sent_again", bool(requests["tried_again"]), f"{requests['tried_again']} of {requests['sent']} requests"),
        ("tokens_from_chunks", tokens["source"].get("chunks", 0) > 0, f"{tokens['source'].get('chunks', 0)} answers"),
        (
            "several_tokens_per_event",
            bool(events and tokens["generated"] > 1.2 * events),
            f"{tokens['generated']} tokens in {events} events",
        ),
        ("not_streamed", requests["not_streamed"] > 0, f"{requests['not_streamed']} answers"),
        ("no_steady_window", not point["window"]["steady"], f"{point['window']['duration_s']} s"),
        (
            "load_not_reached",
            bool(
                load["mode"] == "closed"
                and point["window"]["steady"]
                and target
                and in_flight < IN_FLIGHT_SHARE * target
            ),
            f"{in_flight} in flight, {target} were wanted",
        ),
        (
            "prefix_cache_hits",
            share(server, "prefix_cache") > 0.05,
            f"{share(server, 'prefix_cache'):.0%} of the looked-up tokens",
        ),
        (
            "image_cache_hits",
            share(server, "image_cache") > 0,
            f"{share(server, 'image_cache'):.0%} of the looked-up images",
        ),
        ("garbled", score.get("ok") is False, score.get("reason") or ""),
        ("unscored", bool(score.get("unscored")), f"{score.get('unscored')} answers"),
        ("preempted", bool(server.get("preemptions")), f"{server.get('preemptions')} times"),
        (
            "retried",
            bool(requests["reconnected"] and requests["reconnected"] >= RETRIED_SHARE * requests["sent"]),
            f"{requests['reconnected']} of {requests['sent']} requests",
        ),
        ("impossible_token_counts", bool(tokens["impossible"]), impossible_detail(tokens, ok)),
        ("longer_than_asked", bool(tokens["beyond_asked"]), f"{tokens['beyond_asked']} of {ok} answers"),
        ("slow_for_sanity", *slow(load, point)),
    ]
    return [(name, detail) for name, hit, detail in rules if hit]


def share(server: dict[str, Any], cache: str) -> float:
    queries, hits = server.get(f"{cache}_queries"), server.get(f"{cache}_hits")
    return hits / queries if queries and hits else 0.0


def impossible_detail(tokens: dict[str, Any], ok: int) -> str:
    return f"{tokens['impossible']} of {ok} answers, as in {tokens['impossible_example']}"


def slow(load: dict[str, Any], point: dict[str, Any]) -> tuple[bool, str]:
    """A sanity check that took longer than its `--budget`."""
    budget, spent = load.get("budget_s"), load.get("spent_s") or 0.0
    took = spent + point["whole_run"]["duration_s"]
    return bool(budget and took > budget), f"{took:.0f} s for the checks, {budget or 0:g} s were expected (--budget)"


def client_detail(client: dict[str, Any]) -> str:
    return f"{client['cpu_share']:.0%} of a core, event loop late by {client['loop_lag_p99_ms']} ms (p99)"
