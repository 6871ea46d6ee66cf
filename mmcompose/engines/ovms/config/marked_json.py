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

from mmcompose.model import Fault

MOST_DEPTH = 60
MOST_FAULTS = 100
_SPACE = re.compile(r"[ \t\r\n]*")
_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/|\#[^\n]*", re.DOTALL)
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_STRING = re.compile(r'"(?:[^"\\\x00-\x1f]|\\.)*"')
_QUOTED = re.compile(r"'[^'\n]*'")
_BARE = re.compile(r"[A-Za-z_-][A-Za-z0-9_-]*")
_CONSTANTS = {"true": True, "false": False, "null": None}


class Json(NamedTuple):
    """A value: None, a bool, int, float or str, a list of values, or an object's members in order."""

    value: bool | int | float | str | list[Json] | Members | None
    line: int
    column: int


class Member(NamedTuple):
    key: str
    line: int
    column: int
    value: Json


@dataclass
class Members:
    """The members of an object; repeated keys stay."""

    entries: list[Member] = field(default_factory=list)

    def get(self, key: str) -> Json | None:
        """The value of a name; the server uses the first."""
        return next((member.value for member in self.entries if member.key == key), None)


class _StoppedError(Exception):
    """Ends the reading; the reason is already among the faults."""


def read_json(text: str) -> tuple[Json | None, list[Fault]]:
    """The text's value, or None if it cannot be read, and the faults of its form."""
    reader = _JsonReader(text)
    try:
        value = reader.value(0)
        reader.end()
    except _StoppedError:
        value = None
    return value, reader.faults


class _JsonReader:
    def __init__(self, text: str) -> None:
        self.faults: list[Fault] = []
        self._text = text
        self._at = 0
        self._line, self._line_start, self._counted = 1, 0, 0

    def value(self, depth: int) -> Json:
        self._space()
        line, column = self._place()
        if depth > MOST_DEPTH:
            raise self._stop(f"nested deeper than {MOST_DEPTH} levels")
        char = self._text[self._at : self._at + 1]
        if char == "{":
            return Json(self._object(depth), line, column)
        if char == "[":
            return Json(self._list(depth), line, column)
        if char in {'"', "'"} and char:
            return Json(self._string(), line, column)
        return Json(self._bare(), line, column)

    def end(self) -> None:
        self._space()
        if self._at < len(self._text):
            raise self._stop("nothing may follow the value")

    def _object(self, depth: int) -> Members:
        members = Members()
        self._at += 1
        seen: dict[str, int] = {}
        while self._more("}", members.entries):
            line, column = self._place()
            if self._text[self._at] not in {'"', "'"}:
                found = _BARE.match(self._text, self._at)
                if not found:
                    raise self._stop("expected a key in quotes")
                self._fault(f"the key {found[0]} needs double quotes")
                key, self._at = found[0], found.end()
            else:
                key = self._string()
            self._space()
            if self._text[self._at : self._at + 1] != ":":
                raise self._stop(f"expected : behind the key {key!r}")
            self._at += 1
            if key in seen:
                hint = f"first on line {seen[key]}; the server takes the first"
                self.faults.append(Fault.at(line, column, f"{key}: given twice", hint, "ovms-duplicate"))
            seen.setdefault(key, line)
            members.entries.append(Member(key, line, column, self.value(depth + 1)))
        return members

    def _list(self, depth: int) -> list[Json]:
        values: list[Json] = []
        self._at += 1
        while self._more("]", values):
            values.append(self.value(depth + 1))
        return values

    def _more(self, closing: str, found: list[Json] | list[Member]) -> bool:
        """Steps to the next member of a list or object; returns False behind its end."""
        self._space()
        char = self._text[self._at : self._at + 1]
        if char == closing:
            self._at += 1
            return False
        if found and char != ",":
            if char in {"", "}", "]"}:
                raise self._stop(f"expected , or {closing}")
            self._fault(f"a comma is missing before {self._shown()}")
            return True
        if found:
            comma = self._place()
            self._at += 1
            self._space()
            if self._text[self._at : self._at + 1] == closing:
                self.faults.append(Fault.at(*comma, f"no comma may stand before {closing}", "", "ovms-json"))
                self._at += 1
                return False
        if self._at >= len(self._text):
            raise self._stop(f"expected {closing}")
        return True

    def _string(self) -> str:
        if self._text[self._at] == "'":
            found = _QUOTED.match(self._text, self._at)
            if not found:
                raise self._stop("the string has no closing quote")
            self._fault("strings need double quotes")
            self._at = found.end()
            return found[0][1:-1]
        found = _STRING.match(self._text, self._at)
        if not found:
            raise self._stop("the string has no closing quote, or a raw control character in it")
        try:
            text = str(json.loads(found[0]))
            text.encode()
        except ValueError:
            self._fault("the string has a broken escape")
            text = found[0][1:-1]
        self._at = found.end()
        return text

    def _bare(self) -> bool | int | float | str | None:
        if found := _NUMBER.match(self._text, self._at):
            return self._number(found)
        bare = _BARE.match(self._text, self._at)
        if not bare:
            raise self._stop("expected a value")
        if bare[0] not in _CONSTANTS:
            near = {"True": "true", "False": "false", "None": "null"}.get(bare[0], "")
            self._fault(f"{bare[0]} is no JSON value", f"write {near}" if near else "a string needs double quotes")
            self._at = bare.end()
            return _CONSTANTS.get(near, bare[0])
        self._at = bare.end()
        return _CONSTANTS[bare[0]]

    def _number(self, found: re.Match[str]) -> int | float:
        whole = not (found[1] or found[2] or len(found[0]) > 400)
        number = int(found[0]) if whole else float(found[0])
        if isinstance(number, float) and math.isinf(number):
            self._fault("the number is too big")
        self._at = found.end()
        if self._text[self._at : self._at + 1].isalnum():
            raise self._stop("expected a number")
        return number

    def _space(self) -> None:
        while True:
            found = _SPACE.match(self._text, self._at)
            self._at = found.end() if found else self._at
            comment = _COMMENT.match(self._text, self._at)
            if not comment:
                return
            self._fault("JSON has no comments")
            self._at = comment.end()

    def _place(self) -> tuple[int, int]:
        """Line and column of the reader; it only goes forward, so lines are counted once."""
        newlines = self._text.count("\n", self._counted, self._at)
        if newlines:
            self._line += newlines
            self._line_start = self._text.rindex("\n", self._counted, self._at) + 1
        self._counted = self._at
        return self._line, self._at - self._line_start + 1

    def _shown(self) -> str:
        rest = self._text[self._at : self._at + 30].split("\n", 1)[0]
        return repr(rest) if rest else "the end of the file"

    def _fault(self, message: str, hint: str = "") -> None:
        self.faults.append(Fault.at(*self._place(), message, hint, "ovms-json"))
        if len(self.faults) >= MOST_FAULTS:
            raise _StoppedError

    def _stop(self, message: str) -> _StoppedError:
        self.faults.append(Fault.at(*self._place(), f"{message}, found {self._shown()}", "", "ovms-json"))
        return _StoppedError()
