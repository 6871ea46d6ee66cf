"""IFEval: whether answers follow instructions that a rule can check."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.mmbench.evals import share
from benchmarks.mmbench.session import Session
from mmeval import rows, upstream
from mmeval.asking import DataSettings, Eval, Line, carry_out, data_options
from mmeval.ifeval import judging
from mmeval.ifeval.judging import Row

HELP = "instructions whose following a rule can check"
MAX_TOKENS = 1280
SCORER = "mmeval, by google-research's rules"
FILES = ("ifeval.jsonl", "ifeval_input_data.jsonl", "input_data.jsonl")
ORIGIN = "it is ifeval_input_data.jsonl of the data set google/IFEval on the model hub, 541 lines"
INFLATED = (
    "inflated: its verifier passes 15 of the 25 kinds of instruction whatever the answer is "
    "(confident-ai/deepeval issue 3063)"
)
DEFINITION = (
    "strict: the answer as it is; loose: also without its first or last line and without marks of emphasis; reasoning "
    "between <think> and </think> is left out; a request without an answer follows no instruction"
)


@dataclass(slots=True)
class Options(DataSettings):
    max_tokens: int = MAX_TOKENS


def options(to: argparse.ArgumentParser) -> None:
    data_options(to, MAX_TOKENS)


async def run(session: Session, settings: Options) -> int:
    data = rows.read(settings.data, FILES, Row.read, settings.limit, ORIGIN)
    by_key = {f"{number}:{row.key}": row for number, row in enumerate(data.rows)}
    texts = {key: row.prompt for key, row in by_key.items()}
    judge = Judge(by_key)
    return await carry_out(session, settings, Eval("ifeval", data, texts, judge, judge.by_deepeval))


class Judge:
    def __init__(self, by_key: Mapping[str, Row]) -> None:
        self._rows = by_key

    def __call__(self, lines: Sequence[Line]) -> dict[str, Any]:
        for line in lines:
            row = self._rows[line["id"]]
            line["instructions"] = [each.id for each in row.instructions]
            line["strict"], line["loose"] = judging.strict(row, line["answer"]), judging.loose(row, line["answer"])
        kinds = Counter(id_ for line in lines for id_ in line["instructions"])
        right = Counter(
            id_ for line in lines for id_, ok in zip(line["instructions"], line["strict"], strict=True) if ok
        )
        return {
            "definition": DEFINITION,
            "figures": {
                f"{level}_{way}": share(f"{level}s followed, {way}", *_counts(lines, level, way), scorer=SCORER)
                for level in ("prompt", "instruction")
                for way in ("strict", "loose")
            },
            "breakdown": {id_: {"of": of, "strict": right[id_]} for id_, of in sorted(kinds.items())},
        }

    def by_deepeval(self, lines: Sequence[Line]) -> Mapping[str, Any]:
        judged = [self._rows[line["id"]] for line in lines]
        answers = [line["answer"] for line in lines]
        title = "prompts followed, by DeepEval's own verifier"
        return {"deepeval": upstream.figure(title, lambda: upstream.ifeval(judged, answers), len(lines), INFLATED)}


def _counts(lines: Sequence[Line], level: str, way: str) -> tuple[int, int]:
    if level == "prompt":
        return sum(all(line[way]) for line in lines), len(lines)
    return sum(sum(line[way]) for line in lines), sum(len(line[way]) for line in lines)
