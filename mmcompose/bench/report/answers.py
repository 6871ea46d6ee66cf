"""Puts the answers of several runs to the fixed prompts side by side: figures do not show changed answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from mmcompose.bench.results.record import Record, at

FIXED = "fixed prompts"
_LONGEST = 2000


class AnswerRow(NamedTuple):
    """One prompt by its name, and the first answer of each run; `differ` if two runs answer differently."""

    prompt: str
    answers: tuple[str, ...]

    @property
    def differ(self) -> bool:
        return len({" ".join(answer.split()) for answer in self.answers if answer}) > 1


def rows(records: Sequence[Record]) -> list[AnswerRow]:
    """One row for each prompt, in the order of sending."""
    found = [_first(record) for record in records]
    prompts = dict.fromkeys(prompt for answers in found for prompt in answers)
    return [AnswerRow(prompt, tuple(answers.get(prompt, "") for answers in found)) for prompt in prompts]


def _first(record: Record) -> dict[str, str]:
    """The first answer to each prompt, at the lightest load."""
    if at(record.result, "load", "dataset") != FIXED:
        return {}
    answers: dict[str, str] = {}
    for request in record.requests():
        prompt, text = request.get("label"), request.get("text")
        if request.get("ok") and isinstance(prompt, str) and isinstance(text, str):
            answers.setdefault(prompt, text[:_LONGEST])
    return answers
