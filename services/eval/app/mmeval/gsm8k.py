"""GSM8K: the number that an answer ends in, and whether it is the right one.

The prompt, its eight examples (Wei et al. 2022) and both extractions are those of the task `gsm8k_cot_llama` of
lm-evaluation-harness (MIT), so that scores can be compared.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ASKS = (
    "Given the following problem, reason and give a final answer to the problem.\nProblem: {question}\n"
    'Your response should end with "The final answer is [answer]" where [answer] is the response to the problem.\n'
)
NUMBER = r"(?:-?[$0-9.,]{2,})|(?:-?[0-9]+)"
STRICT, FLEXIBLE = re.compile(f"The final answer is ({NUMBER})"), re.compile(f"({NUMBER})")
IGNORED = re.compile(r",|\$|(?s:.*)#### |\.$")
EXAMPLES: list[dict[str, str]] = json.loads(Path(__file__).with_name("gsm8k_examples.json").read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True)
class Problem:
    question: str
    gold: str

    @classmethod
    def read(cls, data: Any, _: int) -> Problem:
        question, answer = data["question"], data["answer"]
        if not isinstance(question, str) or not isinstance(answer, str) or "####" not in answer:
            raise ValueError("expected a question, and an answer that ends in #### and its number")
        return cls(question, answer.rpartition("####")[2].strip())


def prompt(question: str) -> str:
    return ASKS.format(question=question)


def examples(shots: int) -> list[dict[str, str]]:
    """Solved problems as earlier turns of the chat."""
    turns = [(prompt(each["question"]), each["answer"]) for each in EXAMPLES[:shots]]
    return [
        {"role": role, "content": text}
        for turn in turns
        for role, text in zip(("user", "assistant"), turn, strict=True)
    ]


def strict(answer: str) -> str | None:
    """The number behind the words that the prompt asks for; of several the last one."""
    return _last(STRICT, answer)


def flexible(answer: str) -> str | None:
    """The last number."""
    return _last(FLEXIBLE, answer)


def _last(pattern: re.Pattern[str], answer: str) -> str | None:
    found = pattern.findall(answer)
    return found[-1] if found else None


def same(number: str | None, gold: str) -> bool:
    return number is not None and plain(number) == plain(gold)


def plain(number: str) -> str:
    """A number without signs of money and of thousands, and without a full stop."""
    return IGNORED.sub("", number).lower()
