"""Breaks long lines for people at blanks, and never inside text that somebody may want to copy. Pure.

A path holds no blank, so it stays whole; so does a command, in backticks or without, if a line has room for it. A word
longer than a line is left to the terminal, which breaks it without inserting anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_NARROWEST = 20
_COMMAND = r"\(?(?:mmcompose|docker|sudo|curl) +(?=[\w-])[^,;()`]*[,;)]*"
"""A command up to the next punctuation mark, since no rule can find its real end inside a sentence."""
_PIECE = re.compile(rf"\S*`[^`]*`\S*|{_COMMAND}|\S+")


def wrapped(text: str, width: int | None, indent: str = "  ", begins: int = 0) -> str:
    """A line, continued on indented lines below; `begins` columns of the first one are taken already."""
    if width is None or begins + len(text) <= width:
        return text
    room = max(width, len(indent) + _NARROWEST)
    lines, empty = [" " * begins], False
    for gap, piece in _pieces(text, room - len(indent)):
        if not empty and gap and len(lines[-1]) + len(gap) + len(piece) > room and lines[-1].strip():
            lines.append(indent)
            empty = True
        lines[-1] += piece if empty else f"{gap}{piece}"
        empty = False
    return "\n".join(lines)[begins:]


def _pieces(text: str, room: int) -> Iterator[tuple[str, str]]:
    """The parts that must stay whole, each with the blanks before it: columns have several."""
    end = 0
    for found in _PIECE.finditer(text):
        long = len(found[0].strip()) > room
        for part in re.finditer(r"\S+" if long else r"\S(?:.*\S)?", found[0]):
            start = found.start() + part.start()
            yield text[end:start], part[0]
            end = start + len(part[0])
