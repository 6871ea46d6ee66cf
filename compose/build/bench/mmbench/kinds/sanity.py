"""Checks that a server is alive and sensible: health, models, one streamed request, eight at concurrency four."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any, ClassVar

from ..drive import Level
from ..images import RECEIPTS
from ..order import Load, Order
from ..probe import look
from ..prompts import QUESTION
from ..request import Plan, perform
from ..sample import Sample
from ..session import Session, verdict
from ..settings import Settings

PROMPT_LENGTH, ANSWER_TOKENS = 24, 32
REQUESTS, CONCURRENCY = 8, 4
PATIENCE = 2.0
HELP = "health, models, one streamed request, eight at concurrency four"


@dataclass(slots=True)
class Options(Settings):
    LOWEST: ClassVar[Mapping[str, float]] = {**Settings.LOWEST, "budget": 1}

    with_image: str | None = None
    budget: float = 15.0


def options(to: argparse.ArgumentParser) -> None:
    to.add_argument(
        "--budget",
        type=float,
        default=15.0,
        metavar="S",
        help="checks that take longer are called slow (slow_for_sanity), and have not failed (default: %(default)s)",
    )
    to.add_argument("--with-image", nargs="?", const=str(RECEIPTS), metavar="PATH", help="for servers that want one")
    to.set_defaults(timeout=120.0)


async def run(session: Session, settings: Options) -> int:
    began = monotonic()
    server = await look(session.pool)
    session.know_server(server)
    checks: list[dict[str, Any]] = []
    session.result["checks"] = checks
    status = server.health["status"]
    add(
        checks,
        "health",
        status in {200, None},
        f"{server.health['path'] or 'no health path'}: {status}",
        server.health["ms"],
    )
    serves = bool(server.models) and (settings.model is None or settings.model in server.models)
    wanted = f", {settings.model} is not among them" if settings.model and not serves else ""
    add(checks, "models", serves, f"{', '.join(server.models[:5]) or 'none'}{wanted}", None)
    load = Load(
        api=settings.api,
        model=session.model,
        options=settings.options(ANSWER_TOKENS),
        seed=settings.seed,
        unique=True,
        length=PROMPT_LENGTH,
        images=settings.with_image,
        prompt=QUESTION,
    )
    dataset = "images" if settings.with_image else "random words"
    session.result["load"] = {"dataset": dataset, "output_tokens": ANSWER_TOKENS}
    first = await perform(session.pool, one_plan(session, load), settings.timeout, keep_text=True)
    add(checks, "streamed request", first.ok and first.streamed, outcome(first), first.e2e_ms)
    if first.ok and session.stop.reason is None:
        level = Level(CONCURRENCY, REQUESTS, None, 0, session.next_index, timeout_s=patience(settings, first))
        described = session.result["load"] | {"mode": "closed", "concurrency": CONCURRENCY, "requests": REQUESTS}
        described |= {"timeout_s": level.timeout_s, "budget_s": settings.budget}
        described["spent_s"] = round(monotonic() - began, 3)
        point = await session.measure(f"c={CONCURRENCY}", described, Order(session.target, load, level))
        ok = point["requests"]["ok"]
        add(checks, "concurrent requests", ok == REQUESTS, f"{ok} of {REQUESTS} at concurrency {CONCURRENCY}", None)
    session.result["sanity"] = {
        "seconds": round(monotonic() - began, 3),
        "answer": (first.text or "")[:200],
        "ttft_ms": None if first.ttft_ms is None else round(first.ttft_ms, 3),
        "generation_tok_per_s": None if first.generation_tok_per_s is None else round(first.generation_tok_per_s, 2),
    }
    reached = verdict(session.result["points"], settings.max_error_share)
    failed = [f"{each['name']}: {each['detail']}" for each in checks if not each["ok"]]
    return session.finish({"ok": not failed and reached["ok"], "reasons": failed or reached["reasons"]})


def patience(settings: Settings, first: Sample) -> float:
    """The time for each of several requests at once, from the time of the first, which ran alone.

    An engine that answers one after the other needs as many times as long; twice that is still no fault.
    """
    alone = (first.e2e_ms or 0.0) / 1000
    return round(max(settings.timeout, PATIENCE * CONCURRENCY * alone), 1)


def add(checks: list[dict[str, Any]], name: str, ok: bool, detail: str, ms: float | None) -> None:
    checks.append({"name": name, "ok": ok, "detail": detail, "ms": None if ms is None else round(ms, 2)})


def one_plan(session: Session, load: Load) -> Plan:
    return load.build(session.target).plan(session.next_index)


def outcome(sample: Sample) -> str:
    if not sample.ok:
        return f"{sample.error}: {sample.detail[:200]}"
    if not sample.streamed:
        return "the answer came whole, not as a stream"
    figures = ((sample.ttft_ms, "TTFT {:.1f} ms"), (sample.generation_tok_per_s, "{:.1f} tok/s"))
    return ", ".join(form.format(value) for value, form in figures if value) or "answered"
