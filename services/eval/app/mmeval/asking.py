"""Asks every question once, and has the answers judged: first by the reference rules, then by DeepEval."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from benchmarks.mmbench.evals import EvalSettings, counted, eval_options, sample_line, verdict
from benchmarks.mmbench.order import Load, Order
from benchmarks.mmbench.probe import look
from benchmarks.mmbench.sample import Sample
from benchmarks.mmbench.session import Session
from benchmarks.mmbench.settings import SettingsError

from .reasoning import without
from .rows import Data

Line = dict[str, Any]


@dataclass(slots=True)
class DataSettings(EvalSettings):
    RESULT: ClassVar[str] = "eval"

    data: str = ""
    timeout: float = 600.0


def data_options(to: argparse.ArgumentParser, max_tokens: int) -> None:
    to.add_argument("--data", metavar="PATH", help="the folder with the questions, as JSONL")
    eval_options(to, max_tokens)
    to.set_defaults(timeout=600.0)


@dataclass(slots=True)
class Eval:
    """One eval. `judge` adds its judgement to the line of each answer, and returns the score; `second` is another
    opinion on the same answers, as one more figure."""

    name: str
    data: Data[Any]
    texts: dict[str, str]
    judge: Callable[[Sequence[Line]], dict[str, Any]]
    second: Callable[[Sequence[Line]], Mapping[str, Any]]
    before: list[dict[str, str]] = field(default_factory=list)
    load: Mapping[str, Any] = field(default_factory=dict)


async def carry_out(session: Session, settings: DataSettings, one: Eval) -> int:
    if settings.api != "chat":
        raise SettingsError("--api: an eval asks chats; leave it out")
    session.know_server(await look(session.pool))
    if not session.model:
        raise SettingsError("the server names no model: name it with --model")
    level = settings.once(len(one.texts), session.next_index)
    shown = settings.described(level, one.data.rows_of) | {
        "dataset": one.name,
        "dataset_sha256": one.data.sha256,
        **one.load,
    }
    session.result["load"] = shown | {"dataset_file": one.data.described()}
    load = Load(
        api=settings.api,
        model=session.model,
        options=settings.options(settings.max_tokens),
        seed=settings.seed,
        unique=False,
        texts=one.texts,
        before=one.before,
    )
    lines: list[Line] = []

    def judged(samples: Sequence[Sample]) -> dict[str, Any]:
        lines.extend(_line(each, one.texts[each.label]) for each in counted(samples))
        stripped = sum(line["reasoning"] for line in lines)
        common = {"scored": len(lines), "unscored": 0, "reasoning_stripped": stripped, "ok": None, "reason": None}
        return common | one.judge(lines)

    point = await session.measure(one.name, shown, Order(session.target, load, level), judged)
    session.folder.write_samples(lines)
    if lines and session.stop.reason is None:
        point["score"]["figures"] |= await asyncio.to_thread(one.second, lines)
        session.folder.write_samples(lines)
    return session.finish(verdict(point, settings.max_error_share))


def _line(sample: Sample, question: str) -> Line:
    answer, reasoning = without(sample.text or "")
    return {"question": question, **sample_line(sample, answer), "answer": answer, "reasoning": reasoning}
