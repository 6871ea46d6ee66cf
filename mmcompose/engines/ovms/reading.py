"""Cuts graphs and config files into tokens, each with its place, and collects the faults of their form."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from mmcompose.model import Fault, Severity

MOST_DEPTH = 60
_MOST_FAULTS = 100


class Mark(NamedTuple):
    """A place in a text: the offset counted from 0, line and column from 1."""

    offset: int
    line: int
    column: int

    def fault(self, message: str, hint: str = "", rule: str = "", severity: Severity = "error") -> Fault:
        return Fault.at(self.line, self.column, message, hint, rule, severity)


class Token(NamedTuple):
    kind: str
    text: str
    mark: Mark


class GaveUpError(Exception):
    """Ends the reading of a text; the reason is already among the faults."""


class TokenReader:
    """Steps through the tokens of a text. `forms` has a group for each kind; comments are skipped, and refused where
    the language has none."""

    def __init__(self, text: str, forms: re.Pattern[str], rule: str) -> None:
        self.faults: list[Fault] = []
        self._rule = rule
        self._stream = self._tokens(text, forms)
        self._now = next(self._stream)
        self._behind = 0

    def _tokens(self, text: str, forms: re.Pattern[str]) -> Iterator[Token]:
        """Every token but space and comments, then one of kind "end"."""
        line, start = 1, 0
        for found in forms.finditer(text):
            kind, offset, whole = found.lastgroup or "", found.start(), found[0]
            mark = Mark(offset, line, offset - start + 1)
            if kind == "refused":
                self.faults.append(mark.fault("JSON has no comments", "", self._rule))
            elif kind != "skip":
                yield Token(kind, whole, mark)
            newlines = whole.count("\n")
            if newlines:
                line += newlines
                start = offset + whole.rindex("\n") + 1
        yield Token("end", "", Mark(len(text), line, len(text) - start + 1))

    def _next(self) -> Token:
        token = self._now
        self._behind = token.mark.offset + len(token.text)
        if token.kind != "end":
            self._now = next(self._stream)
        return token

    def _take(self, sign: str) -> bool:
        found = self._now.kind == "mark" and self._now.text == sign
        if found:
            self._next()
        return found

    def _shown(self) -> str:
        return "the end of the file" if self._now.kind == "end" else repr(self._now.text[:40])

    def _fault(self, mark: Mark, message: str, hint: str = "", rule: str = "") -> None:
        self.faults.append(mark.fault(message, hint, rule or self._rule))
        if len(self.faults) >= _MOST_FAULTS:
            raise GaveUpError


def shown(value: object) -> str:
    """A value as a message shows it."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, Mapping | list):
        return "a list" if isinstance(value, list) else "a mapping"
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:37]}..."
