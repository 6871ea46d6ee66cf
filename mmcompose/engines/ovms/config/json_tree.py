"""Reads strict JSON as the server's parser does, with the place of every key and value.

Frequent mistakes (a closing comma, a comment, single quotes, NaN, a missing comma) are reported and reading goes on;
any other fault ends the reading.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass, field
from typing import NamedTuple

from mmcompose.engines.ovms.reading import MOST_DEPTH, GaveUpError, Mark, TokenReader
from mmcompose.model import Fault

# An unclosed string is the stray quote that opens it.
_FORMS = re.compile(
    r"""(?P<skip>[ \t\r\n]+)
      | (?P<refused>//[^\n]*|/\*.*?\*/|\#[^\n]*)
      | (?P<number>-?[0-9][A-Za-z0-9_.+-]*)
      | (?P<word>[A-Za-z_-][A-Za-z0-9_-]*)
      | (?P<string>"(?:[^"\\\x00-\x1f]|\\.)*"|'[^'\n]*')
      | (?P<mark>[][{}:,])
      | (?P<stray>.)""",
    re.VERBOSE | re.DOTALL,
)
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_CONSTANTS = {"true": True, "false": False, "null": None}
_NEAR = {"True": "true", "False": "false", "None": "null"}


class Json(NamedTuple):
    """A value: None, a bool, int, float or str, a list of values, or an object's members in order."""

    value: bool | int | float | str | list[Json] | Members | None
    mark: Mark

    def get(self, key: str) -> Json | None:
        """The value of a member; None for one that is missing, and where this is no object."""
        return self.value.get(key) if isinstance(self.value, Members) else None

    def items(self, key: str) -> list[Json]:
        """The values of a member that is a list."""
        found = self.get(key)
        return found.value if found and isinstance(found.value, list) else []


class Member(NamedTuple):
    key: str
    mark: Mark
    value: Json


@dataclass
class Members:
    """The members of an object; repeated keys stay."""

    entries: list[Member] = field(default_factory=list)

    def get(self, key: str) -> Json | None:
        """The value of a name; the server uses the first."""
        return next((member.value for member in self.entries if member.key == key), None)


def read_json(text: str) -> tuple[Json | None, list[Fault]]:
    """The text's value, or None if it cannot be read, and the faults of its form."""
    reader = _JsonReader(text)
    try:
        return reader.whole(), reader.faults
    except GaveUpError:
        return None, reader.faults


class _JsonReader(TokenReader):
    def __init__(self, text: str) -> None:
        super().__init__(text, _FORMS, "ovms-json")

    def whole(self) -> Json:
        value = self._value(0)
        if self._now.kind != "end":
            raise self._stop("nothing may follow the value")
        return value

    def _value(self, depth: int) -> Json:
        mark = self._now.mark
        if depth > MOST_DEPTH:
            raise self._stop(f"nested deeper than {MOST_DEPTH} levels")
        if self._take("{"):
            return Json(self._object(depth), mark)
        if self._take("["):
            values: list[Json] = []
            while self._more("]", first=not values):
                values.append(self._value(depth + 1))
            return Json(values, mark)
        return Json(self._scalar(), mark)

    def _object(self, depth: int) -> Members:
        members, first_lines = Members(), dict[str, int]()
        while self._more("}", first=not members.entries):
            mark, key = self._now.mark, self._key()
            if not self._take(":"):
                raise self._stop(f"expected : behind the key {key!r}")
            if key in first_lines:
                hint = f"first on line {first_lines[key]}; the server takes the first"
                self._fault(mark, f"{key}: given twice", hint, "ovms-duplicate")
            first_lines.setdefault(key, mark.line)
            members.entries.append(Member(key, mark, self._value(depth + 1)))
        return members

    def _more(self, closing: str, *, first: bool) -> bool:
        """Steps to the next member of a list or object; returns False behind its end."""
        if self._take(closing):
            return False
        mark = self._now.mark
        if first or self._take(","):
            if not first and self._take(closing):
                self._fault(mark, f"no comma may stand before {closing}")
                return False
            if self._now.kind == "end":
                raise self._stop(f"expected {closing}")
        elif self._now.text in {"", "}", "]"}:
            raise self._stop(f"expected , or {closing}")
        else:
            self._fault(mark, f"a comma is missing before {self._shown()}")
        return True

    def _key(self) -> str:
        if self._now.kind != "word":
            return self._string("expected a key in quotes")
        self._fault(self._now.mark, f"the key {self._now.text} needs double quotes")
        return self._next().text

    def _string(self, otherwise: str) -> str:
        token = self._now
        if token.kind != "string":
            unclosed = "the string has no closing quote, or a raw control character in it"
            raise self._stop(unclosed if token.text in {'"', "'"} else otherwise)
        self._next()
        if token.text[0] == "'":
            self._fault(token.mark, "strings need double quotes")
            return token.text[1:-1]
        try:
            text = str(json.loads(token.text))
            text.encode()
        except ValueError:
            self._fault(token.mark, "the string has a broken escape")
            return token.text[1:-1]
        return text

    def _scalar(self) -> bool | int | float | str | None:
        if self._now.kind == "number":
            return self._number()
        if self._now.kind != "word":
            return self._string("expected a value")
        mark, term = self._now.mark, self._next().text
        if term not in _CONSTANTS:
            hint = f"write {_NEAR[term]}" if term in _NEAR else "a string needs double quotes"
            self._fault(mark, f"{term} is no JSON value", hint)
        return _CONSTANTS.get(_NEAR.get(term, term), term)

    def _number(self) -> int | float:
        found = _NUMBER.fullmatch(self._now.text)
        if found is None:
            raise self._stop("expected a number")
        whole = not (found[1] or found[2] or len(found[0]) > 400)
        number = int(found[0]) if whole else float(found[0])
        if isinstance(number, float) and math.isinf(number):
            self._fault(self._now.mark, "the number is too big")
        self._next()
        return number

    def _stop(self, message: str) -> GaveUpError:
        self._fault(self._now.mark, f"{message}, found {self._shown()}")
        return GaveUpError()
