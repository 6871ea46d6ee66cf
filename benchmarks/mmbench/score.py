"""Compares the model's text with the image's: character similarity and exact fields, computed after the load."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TRUTH_LIMIT = 16 * 1024 * 1024


class TruthError(ValueError):
    """Reports that the file with the right answers cannot be used."""


@dataclass(frozen=True, slots=True)
class Expected:
    """The right answer for one image: the whole text, single fields, or both."""

    text: str | None = None
    fields: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Score:
    similarity: float | None
    fields_found: int
    fields_total: int
    missing: tuple[str, ...]

    @property
    def exact(self) -> bool | None:
        return None if not self.fields_total else self.fields_found == self.fields_total


def normal(text: str) -> str:
    """A text without its layout: Unicode forms and white space are unified, letters and digits stay."""
    return " ".join(unicodedata.normalize("NFKC", text).split())


def distance(left: Sequence[Hashable], right: Sequence[Hashable]) -> int:
    """Levenshtein's edit distance of texts or lists of words, bit-parallel (Myers 1999, Hyyrö 2003): one pass over
    `right`."""
    if not left or not right:
        return len(left) or len(right)
    places: dict[Hashable, int] = {}
    for index, element in enumerate(left):
        places[element] = places.get(element, 0) | 1 << index
    mask, last, score = (1 << len(left)) - 1, 1 << (len(left) - 1), len(left)
    plus, minus = mask, 0
    for element in right:
        match = places.get(element, 0)
        diagonal = ((((match & plus) + plus) ^ plus) | match | minus) & mask
        up = minus | (~(diagonal | plus) & mask)
        down = plus & diagonal
        score += bool(up & last) - bool(down & last)
        up, down = (up << 1 | 1) & mask, (down << 1) & mask
        plus, minus = down | (~(diagonal | up) & mask), up & diagonal
    return score


def similarity(answer: str, truth: str) -> float:
    """1 - edits / length of the longer text, after normalisation."""
    left, right = normal(answer), normal(truth)
    longest = max(len(left), len(right))
    return 1.0 if longest == 0 else 1.0 - distance(left, right) / longest


def field_found(answer: str, value: str) -> bool:
    """Whether the value stands in the answer on its own: `12.50` is not found in `112.50`."""
    text, wanted = normal(answer).casefold(), normal(value).casefold()
    return bool(wanted) and re.search(rf"(?<![\w.,]){re.escape(wanted)}(?![\w]|[.,]\w)", text) is not None


def score(answer: str, expected: Expected) -> Score:
    missing = tuple(name for name, value in expected.fields if not field_found(answer, value))
    total = len(expected.fields)
    similar = None if expected.text is None else round(similarity(answer, expected.text), 4)
    return Score(similar, total - len(missing), total, missing)


def read_truth(path: Path) -> dict[str, Expected]:
    """{"a.jpg": {"text": "...", "fields": {"total": "12.50"}}} or {"a.jpg": "..."}"""
    try:
        if path.stat().st_size > TRUTH_LIMIT:
            raise TruthError(f"{path}: larger than {TRUTH_LIMIT // 2**20} MiB")
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise TruthError(f"{path}: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise TruthError(f"{path}: not JSON ({error})") from None
    if not isinstance(data, dict):
        raise TruthError(f"{path}: expected an object of image names")
    return {str(name): expected(entry, f"{path}: {name}") for name, entry in data.items()}


def expected(entry: Any, where: str) -> Expected:
    if isinstance(entry, str):
        return Expected(text=entry)
    if not isinstance(entry, dict) or not entry.keys() & {"text", "fields"}:
        raise TruthError(f'{where}: expected a text, or an object with "text" or "fields"')
    text, fields = entry.get("text"), entry.get("fields", {})
    if text is not None and not isinstance(text, str):
        raise TruthError(f"{where}: text is not a string")
    if not isinstance(fields, dict) or not all(isinstance(each, str | int | float) for each in fields.values()):
        raise TruthError(f"{where}: fields is not an object of strings")
    return Expected(text, tuple((str(name), str(value)) for name, value in fields.items()))
