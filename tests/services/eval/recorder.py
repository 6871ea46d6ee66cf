"""Records what the reference implementation makes of answers.

`python -m tests.services.eval.recorder` has every row of recorded.json judge every answer there, and writes the
verdicts anew. It needs lm-eval[ifeval], and NLTK's punkt_tab.
"""

from __future__ import annotations

import json
from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from .verdicts import RECORDED, recorded

if TYPE_CHECKING:
    from collections.abc import Iterable

NUMBER = "(-?[$0-9.,]{2,})|(-?[0-9]+)"
PATTERNS = {"strict": f"The final answer is ({NUMBER})", "flexible": NUMBER}
"""Of the task gsm8k_cot_llama, as are the signs that its metric ignores."""
IGNORED = [",", r"\$", "(?s).*#### ", r"\.$"]


def bits(found: Iterable[bool]) -> str:
    return "".join("01"[bool(each)] for each in found)


def of_ifeval(data: dict[str, Any]) -> None:
    langdetect, utils = import_module("langdetect"), import_module("lm_eval.tasks.ifeval.utils")
    langdetect.DetectorFactory.seed = 0
    judges = {"strict": utils.test_instruction_following_strict, "loose": utils.test_instruction_following_loose}
    rows = [utils.InputExample(1, [id_], "p", [values]) for id_, values in data["rows"]]
    for way, judge in judges.items():
        data[way] = [bits(judge(row, answer).follow_all_instructions for answer in data["answers"]) for row in rows]


def of_gsm8k(data: dict[str, Any]) -> None:
    extraction, metrics = import_module("lm_eval.filters.extraction"), import_module("lm_eval.api.metrics")
    answers = data["answers"]
    for way, pattern in PATTERNS.items():
        take = extraction.RegexFilter(regex_pattern=pattern, group_select=-1)
        found = [each[0] for each in take.apply([[answer] for answer in answers], [{} for _ in answers])]
        data[way] = [
            bits(
                metrics.exact_match_fn(
                    references=[gold], predictions=[each], regexes_to_ignore=IGNORED, ignore_case=True
                )["exact_match"]
                > 0
                for each in found
            )
            for gold in data["golds"]
        ]


if __name__ == "__main__":
    made = recorded() | {"reference": f"lm-eval {version('lm-eval')}"}
    of_ifeval(made["ifeval"])
    of_gsm8k(made["gsm8k"])
    RECORDED.write_text(json.dumps(made, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
