"""Which of a row's instructions an answer follows: strictly, and loosely."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .rules import RULES


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction of a row, by the id of its kind."""

    id: str
    values: Mapping[str, Any]

    def followed_by(self, answer: str) -> bool:
        return bool(answer.strip()) and self._rule(answer, **self.values)

    @property
    def _rule(self) -> Callable[..., bool]:
        return RULES[self.id]

    def tried(self) -> Instruction:
        """The instruction, if its rule can be applied; else raises ValueError."""
        if self.id not in RULES:
            raise ValueError(f"{self.id!r} is no kind of instruction that IFEval has")
        try:
            self._rule("a", **self.values)
        except (TypeError, KeyError, AttributeError, re.error) as error:
            raise ValueError(f"{self.id}: its values cannot be used ({error})") from None
        return self


@dataclass(frozen=True, slots=True)
class Row:
    key: str
    prompt: str
    instructions: tuple[Instruction, ...]

    @classmethod
    def read(cls, data: Any, number: int) -> Row:
        prompt, ids, values = data["prompt"], data["instruction_id_list"], data["kwargs"]
        if not isinstance(prompt, str) or not isinstance(ids, list) or not isinstance(values, list) or not ids:
            raise ValueError("expected a prompt, instruction_id_list and kwargs")
        if len(ids) != len(values):
            raise ValueError(f"{len(ids)} instructions, and values for {len(values)}")
        # Rows of the hub name all values of all kinds, most of them null.
        pairs = zip(ids, values, strict=True)
        read = [
            Instruction(str(id_), {key: one for key, one in each.items() if one is not None}) for id_, each in pairs
        ]
        return cls(str(data.get("key", number)), prompt, tuple(each.tried() for each in read))


def strict(row: Row, answer: str) -> list[bool]:
    return [each.followed_by(answer) for each in row.instructions]


def loose(row: Row, answer: str) -> list[bool]:
    """An instruction is followed loosely if it is after a first or last line, or marks of emphasis, are left out."""
    forms = _forms(answer)
    return [any(each.followed_by(form) for form in forms) for each in row.instructions]


def _forms(answer: str) -> list[str]:
    lines = answer.split("\n")
    cut = [answer, *("\n".join(part).strip() for part in (lines[1:], lines[:-1], lines[1:-1]))]
    return [*cut, *(form.replace("*", "") for form in cut)]
