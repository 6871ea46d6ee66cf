"""Long lines for people: broken at blanks, and never inside what somebody may want to copy. Pure.

A path holds no blank, so it stays whole; so does a command, in backticks or without, if a line has room for it. A word
that is longer than a line is left to the terminal, which breaks it without putting anything into it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_NARROWEST = 20
_COMMAND = r"\(?(?:mmcompose|docker|sudo|curl) +(?=[\w-])[^,;()`]*[,;)]*"
"""Up to the next mark of punctuation: where the command ends and the sentence goes on, nobody can tell."""
_PIECE = re.compile(rf"\S*`[^`]*`\S*|{_COMMAND}|\S+")


def wrapped(text: str, width: int | None, indent: str = "  ", begins: int = 0) -> str:
    """A line that goes on below, indented; `begins` columns of its first line are taken already."""
    if width is None or begins + len(text) <= width:
        return text
    room = max(width, len(indent) + _NARROWEST)
    lines = [" " * begins + text[: len(text) - len(text.lstrip())]]
    empty = True
    for piece in _pieces(text, room - len(indent)):
        if not empty and len(lines[-1]) + 1 + len(piece) > room:
            lines.append(indent)
            empty = True
        lines[-1] += piece if empty else f" {piece}"
        empty = False
    return "\n".join(lines)[begins:]


def _pieces(text: str, room: int) -> Iterator[str]:
    for piece in map(str.strip, _PIECE.findall(text)):
        yield from (piece,) if len(piece) <= room else piece.split()
