"""GSM8K: word problems of grade school, judged by the number at the end."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from benchmarks.mmbench.evals import share
from benchmarks.mmbench.session import Session
from benchmarks.mmbench.settings import SettingsError
from mmeval import gsm8k, rows, upstream
from mmeval.asking import DataSettings, Eval, Line, carry_out, data_options
from mmeval.gsm8k import EXAMPLES, Problem

HELP = "word problems of grade school, judged by the number at the end"
MAX_TOKENS = 1024
SCORER = "mmeval, as lm-evaluation-harness extracts"
FILES = ("gsm8k.jsonl", "test.jsonl")
ORIGIN = "it is grade_school_math/data/test.jsonl of openai/grade-school-math on GitHub, 1319 lines"
LITERAL = (
    "it compares the last number letter for letter, and gold answers keep their commas, so `1200` is wrong for `1,200`"
)
DEFINITION = (
    "strict: the number behind `The final answer is`, which the prompt asks for; flexible: the last number; reasoning "
    "between <think> and </think> is left out; a request without an answer is wrong"
)


@dataclass(slots=True)
class Options(DataSettings):
    LOWEST: ClassVar[Mapping[str, float]] = {**DataSettings.LOWEST, "shots": 0}

    max_tokens: int = MAX_TOKENS
    shots: int = len(EXAMPLES)

    def check(self) -> None:
        DataSettings.check(self)
        if self.shots > len(EXAMPLES):
            raise SettingsError(f"--shots {self.shots}: there are {len(EXAMPLES)} examples")


def options(to: argparse.ArgumentParser) -> None:
    data_options(to, MAX_TOKENS)
    to.add_argument(
        "--shots", type=int, default=len(EXAMPLES), metavar="N", help="solved examples before (default: %(default)s)"
    )


async def run(session: Session, settings: Options) -> int:
    data = rows.read(settings.data, FILES, Problem.read, settings.limit, ORIGIN)
    problems = {str(number): problem for number, problem in enumerate(data.rows, 1)}
    texts = {key: gsm8k.prompt(problem.question) for key, problem in problems.items()}
    judge = Judge(problems)
    before, load = gsm8k.examples(settings.shots), {"shots": settings.shots}
    return await carry_out(session, settings, Eval("gsm8k", data, texts, judge, judge.by_deepeval, before, load))


class Judge:
    def __init__(self, problems: Mapping[str, Problem]) -> None:
        self._problems = problems

    def __call__(self, lines: Sequence[Line]) -> dict[str, Any]:
        for line in lines:
            gold, answer = self._problems[line["id"]].gold, line["answer"]
            strict, flexible = gsm8k.strict(answer), gsm8k.flexible(answer)
            line |= {"gold": gold, "extracted": {"strict": strict, "flexible": flexible}}
            line |= {"strict": gsm8k.same(strict, gold), "flexible": gsm8k.same(flexible, gold)}
        return {
            "definition": DEFINITION,
            "figures": {
                way: share(f"right answers, {way}", sum(line[way] for line in lines), len(lines), scorer=SCORER)
                for way in ("strict", "flexible")
            },
        }

    def by_deepeval(self, lines: Sequence[Line]) -> Mapping[str, Any]:
        problems = [self._problems[line["id"]] for line in lines]
        numbers = [(line["extracted"]["flexible"] or "").lstrip("$").rstrip(".") for line in lines]
        title = "right answers, by DeepEval's exact match"
        return {"deepeval": upstream.figure(title, lambda: upstream.gsm8k(problems, numbers), len(lines), LITERAL)}
