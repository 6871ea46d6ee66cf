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
    lines, empty = [" " * begins], False
    for gap, piece in _pieces(text, room - len(indent)):
        if not empty and gap and len(lines[-1]) + len(gap) + len(piece) > room and lines[-1].strip():
            lines.append(indent)
            empty = True
        lines[-1] += piece if empty else f"{gap}{piece}"
        empty = False
    return "\n".join(lines)[begins:]


def _pieces(text: str, room: int) -> Iterator[tuple[str, str]]:
    """What stays together, each with the blanks before it: in columns there are several."""
    end = 0
    for found in _PIECE.finditer(text):
        long = len(found[0].strip()) > room
        for part in re.finditer(r"\S+" if long else r"\S(?:.*\S)?", found[0]):
            start = found.start() + part.start()
            yield text[end:start], part[0]
            end = start + len(part[0])
