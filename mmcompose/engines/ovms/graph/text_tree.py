"""Reads protobuf text format into a tree with the place of every part, even if the text has faults.

The real parser stops at its first error; this reader goes on at the next line, so that all faults of a file come at
once. It judges only form; `typed` judges names and values, and the real parser has the last word.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from mmcompose.engines.ovms.reading import MOST_DEPTH, GaveUpError, Mark, Token, TokenReader
from mmcompose.model import Fault

# A string ends at its quote or, unclosed, at the end of its line; an unknown character is a token of its own.
_FORMS = re.compile(
    r"""(?P<skip>(?:[ \t\r\n\v\f]|\#[^\n]*)+)
      | (?P<word>[A-Za-z_][A-Za-z0-9_+-]*)
      | (?P<number>(?:[0-9+-]|\.[0-9])[A-Za-z0-9_.+-]*)
      | (?P<string>"(?:[^"\n\\]|\\[^\n])*"?|'(?:[^'\n\\]|\\[^\n])*'?)
      | (?P<mark>[][{}<>:,;./])
      | (?P<stray>.)""",
    re.VERBOSE | re.DOTALL,
)
_TYPE = re.compile(r"(?:[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*/)?[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*", re.ASCII)
_CLOSING = {"{": "}", "<": ">"}
_ESCAPE = re.compile(r"""\\(?:[abfnrtv\\'"?]|[0-7]{1,3}|[xX][0-9A-Fa-f]{1,2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8})""")


class Scalar(NamedTuple):
    """A written value: a decoded string, or a bare word or number."""

    kind: str
    text: str
    mark: Mark


class Block(NamedTuple):
    """The fields between braces."""

    entries: list[Entry]
    mark: Mark


class Entry(NamedTuple):
    """One field: a plain name, an `[extension]`, or a `[type url]`; with the span of its text."""

    kind: str
    name: str
    values: list[Scalar | Block]
    mark: Mark
    end: int
    listed: bool = False


class BrokenFieldError(Exception):
    """Ends the reading of a field; the reason is already among the faults."""


def read_tree(text: str) -> tuple[Block | None, list[Fault]]:
    """The whole text as a block, and the faults of its form; no block if reading was given up."""
    reader = _TextReader(text)
    try:
        entries = reader.entries("", 0)
    except GaveUpError:
        return None, reader.faults
    return Block(entries, Mark(0, 1, 1)), reader.faults


class _TextReader(TokenReader):
    def __init__(self, text: str) -> None:
        super().__init__(text, _FORMS, "ovms-text")

    def entries(self, closing: str, depth: int) -> list[Entry]:
        found: list[Entry] = []
        while self._now.kind != "end" and self._now.text != closing:
            if self._now.text in {"}", ">"}:
                self._fault(self._now.mark, f"{self._now.text} closes nothing")
                self._next()
                continue
            line = self._now.mark.line
            try:
                found.append(self._entry(depth))
            except BrokenFieldError:
                self._skip_line(line)
        return found

    def _entry(self, depth: int) -> Entry:
        mark = self._now.mark
        kind, name = self._bracketed() if self._now.text == "[" else ("field", self._field_name())
        colon = self._take(":")
        listed = self._now.text == "[" and colon
        if listed:
            values = self._several(depth)
        elif self._now.text in _CLOSING:
            values = [self._block(depth)]
        elif colon:
            values = [self._scalar()]
        else:
            raise self._unexpected("a : or a {")
        if kind != "any" and self._now.text in {",", ";"}:
            self._next()
        return Entry(kind, name, values, mark, self._behind, listed)

    def _field_name(self) -> str:
        if self._now.kind != "word":
            raise self._unexpected("a field name")
        return self._next().text

    def _bracketed(self) -> tuple[str, str]:
        opening = self._next().mark
        parts: list[str] = []
        while self._now.text != "]":
            if self._now.kind not in {"word", "number"} and self._now.text not in {".", "/"}:
                raise self._unexpected("a type name and ]")
            if self._now.mark.line > opening.line + 2:
                raise self._unexpected("]")
            parts.append(self._next().text)
        self._next()
        name = "".join(parts)
        if not _TYPE.fullmatch(name):
            self._fault(opening, f"[{name}] is neither a type url nor the name of an extension")
            raise BrokenFieldError
        return ("any" if "/" in name else "extension"), name

    def _several(self, depth: int) -> list[Scalar | Block]:
        self._next()
        values: list[Scalar | Block] = []
        while not self._take("]"):
            if values and not self._take(","):
                raise self._unexpected(", or ]")
            values.append(self._block(depth) if self._now.text in _CLOSING else self._scalar())
        return values

    def _block(self, depth: int) -> Block:
        if depth >= MOST_DEPTH:
            self._fault(self._now.mark, f"nested deeper than {MOST_DEPTH} levels")
            raise GaveUpError
        opening = self._next()
        closing = _CLOSING[opening.text]
        entries = self.entries(closing, depth + 1)
        if not self._take(closing):
            self._fault(opening.mark, f"{opening.text} is never closed")
        return Block(entries, opening.mark)

    def _scalar(self) -> Scalar:
        if self._now.kind in {"word", "number"}:
            token = self._next()
            return Scalar(token.kind, token.text, token.mark)
        if self._now.kind != "string":
            raise self._unexpected("a value")
        mark, parts = self._now.mark, []
        while self._now.kind == "string":
            parts.append(self._unquoted(self._next()))
        return Scalar("string", "".join(parts), mark)

    def _unquoted(self, token: Token) -> str:
        inside = token.text[1:-1]
        if len(token.text) < 2 or token.text[-1] != token.text[0]:
            self._fault(token.mark, "the string has no closing quote", "a string must end on its own line")
            return token.text[1:]
        odd = re.search(r"\\.", _ESCAPE.sub("", inside))
        if odd:
            self._fault(token.mark, f"unknown escape {odd[0]} in the string", r"a backslash itself is written \\")
            return inside
        return decoded(inside)

    def _unexpected(self, wanted: str) -> BrokenFieldError:
        now = self._now
        if now.kind == "stray" and not now.text.isascii():
            what = f"the character U+{ord(now.text):04X} does not belong here"
            self._fault(now.mark, what, "it often comes from copying out of a web page or document")
        else:
            self._fault(now.mark, f"expected {wanted}, found {self._shown()}")
        return BrokenFieldError()

    def _skip_line(self, line: int) -> None:
        """Goes on behind the broken line; skips a block that opens on it."""
        while self._now.mark.line <= line and self._now.kind != "end" and self._now.text not in {"}", ">"}:
            depth = 0
            while True:
                token = self._next()
                depth += (token.text in _CLOSING) - (token.text in _CLOSING.values())
                if depth <= 0 or self._now.kind == "end":
                    break


def decoded(inside: str) -> str:
    """The characters of a string without escapes. Octal and hexadecimal escapes are bytes of UTF-8."""
    out = bytearray()
    last = 0
    for found in _ESCAPE.finditer(inside):
        out += inside[last : found.start()].encode("utf-8", "surrogatepass")
        out += _bytes(found[0])
        last = found.end()
    out += inside[last:].encode("utf-8", "surrogatepass")
    return out.decode("utf-8", "replace")


def _bytes(escape: str) -> bytes:
    if escape[1] in "01234567":
        return bytes([int(escape[1:], 8) & 0xFF])
    if escape[1] in "xX":
        return bytes([int(f"0x{escape[2:]}", 0)])
    if escape[1] in "uU":
        return chr(min(int(f"0x{escape[2:]}", 0), 0x10FFFF)).encode("utf-8", "replace")
    return {"a": b"\a", "b": b"\b", "f": b"\f", "n": b"\n", "r": b"\r", "t": b"\t", "v": b"\v"}.get(
        escape[1], escape[1].encode()
    )
