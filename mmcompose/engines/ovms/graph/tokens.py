"""Cuts protobuf text format into tokens, each with its place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

# A string ends at its quote or, unclosed, at the end of its line; an unknown character is a token of its own.
_TOKEN = re.compile(
    r"""(?P<skip>(?:[ \t\r\n\v\f]|\#[^\n]*)+)
      | (?P<word>[A-Za-z_][A-Za-z0-9_+-]*)
      | (?P<number>(?:[0-9+-]|\.[0-9])[A-Za-z0-9_.+-]*)
      | (?P<string>"(?:[^"\n\\]|\\[^\n])*"?|'(?:[^'\n\\]|\\[^\n])*'?)
      | (?P<mark>[][{}<>:,;./])
      | (?P<stray>.)""",
    re.VERBOSE | re.DOTALL,
)


class Mark(NamedTuple):
    """A place in a text: the offset counted from 0, line and column from 1."""

    offset: int
    line: int
    column: int


class Token(NamedTuple):
    kind: str
    text: str
    mark: Mark


def tokens(text: str) -> Iterator[Token]:
    """Every token but space and comments, then one of kind "end"."""
    line, start = 1, 0
    for found in _TOKEN.finditer(text):
        kind = found.lastgroup or "stray"
        offset, whole = found.start(), found[0]
        if kind != "skip":
            yield Token(kind, whole, Mark(offset, line, offset - start + 1))
        newlines = whole.count("\n")
        if newlines:
            line += newlines
            start = offset + whole.rindex("\n") + 1
    yield Token("end", "", Mark(len(text), line, len(text) - start + 1))
