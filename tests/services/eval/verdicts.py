"""The recorded verdicts of the reference implementation, and the differences of ours from them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

RECORDED = Path(__file__).with_name("recorded.json")
IN_THE_IMAGE = (
    "language:response_language",
    "length_constraints:number_sentences",
    "change_case:capital_word_frequency",
    "change_case:english_capital",
    "change_case:english_lowercase",
)
"""Kinds of instruction whose rules need NLTK or langdetect, which only the image has."""


def recorded() -> Any:
    return json.loads(RECORDED.read_text(encoding="utf-8"))


def of_ifeval(left_out: Collection[str] = ()) -> Iterator[str]:
    from mmeval.ifeval import judging

    data = recorded()["ifeval"]
    ways = {"strict": judging.strict, "loose": judging.loose}
    for place, (id_, values) in enumerate(data["rows"]):
        if id_ in left_out:
            continue
        row = judging.Row("1", "p", (judging.Instruction(id_, values).tried(),))
        for way, judge in ways.items():
            for answer, verdict in zip(data["answers"], data[way][place], strict=True):
                if judge(row, answer) != [verdict == "1"]:
                    yield f"{id_} {values}: {way}: {answer!r}: the reference has {verdict}"


def of_gsm8k() -> Iterator[str]:
    from mmeval import gsm8k

    data = recorded()["gsm8k"]
    ways = {"strict": gsm8k.strict, "flexible": gsm8k.flexible}
    for way, extract in ways.items():
        for gold, verdicts in zip(data["golds"], data[way], strict=True):
            for answer, verdict in zip(data["answers"], verdicts, strict=True):
                if gsm8k.same(extract(answer), gold) != (verdict == "1"):
                    yield f"{gold}: {way}: {answer!r}: the reference has {verdict}"


if __name__ == "__main__":
    print("\n".join([*of_ifeval(), *of_gsm8k()]) or "no difference")
