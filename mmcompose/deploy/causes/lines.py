"""Separates the prefixes of loggers from a log's lines: the writer, the level, and the text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

from mmcompose.engines.known.engine import LEVEL, all_known

LONGEST = 2000
"""Characters of a line that are read: the important part is at its beginning, and some patterns take quadratic time."""
_LONGEST_RECORD = 16_000
"""Characters of a record that are read: it may hold several lines."""


class Line(NamedTuple):
    text: str
    process: str = ""
    level: str = ""
    """error, warning, info; empty if the logger does not name it."""
    tag: str = ""
    """The place in the program that logged it; lines of one message share it."""


_LEVELS = {"e": "error", "f": "error", "c": "error", "w": "warning", "i": "info", "d": "info", "t": "info", "n": "info"}
_CAPITALS = r"(?P<level>DEBUG|INFO|NOTICE|WARN(?:ING)?|ERROR|CRITICAL|FATAL|TRACE)"
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|[\x00-\x08\x0b-\x1f\x7f]")
_DAY = r"(?:\[?\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[.,]\d+\]? )"
_HEADS = tuple(
    re.compile(pattern)
    for pattern in (
        # Compose: `chat-1  | `; Docker: `2026-11-20T05:52:19.123456789Z `.
        r"[\w.-]+\s+\| ",
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)\s",
        # torchrun: `[rank3]:`.
        r"\[(?P<process>rank\d+)\]:(?:\[(?P<level>[WEIF])\d[^\]]*\])?\s?",
        # NCCL: `node:77:99 [0] init.cc:12 NCCL WARN `.
        r"\S+:\d+:\d+ \[\d+\] (?:\S+ )?(?:\S+:\d+ )?NCCL (?P<level>WARN|INFO) ",
        r"\[[^\]]*\] \S+:\d+:\d+ \[\d+\] (?:\S+ )?NCCL (?P<level>WARN|INFO) ",
        # glog: `E0000 00:00:1700000000.000000 1 file.cc:1] `; torch: `[E1120 09:07:54.1 file.cpp:1] `.
        r"\[?(?P<level>[EWIF])\d{4} \d\d:\d\d:\d+[.\d]*\s+(?:\d+ )?(?P<tag>[\w./-]+:\d+)\] ?",
        # Python's logging, uvicorn: `2026-11-20 09:07:54,123 - name - ERROR - `, `ERROR:    `.
        _DAY + r"?(?:-\s*)?(?:[\w.]+ (?:- )?)?" + _CAPITALS + r"(?: ?-|:)\s+(?=\S)",
        _CAPITALS + r" \d{4}-\d\d-\d\d \d\d:\d\d:\d\d[.,]\d+ (?P<tag>[\w.]+:\d+)\] ?",
        r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[.,]\d+ [\w.]+ \d+ " + LEVEL + r"\s+",
        r"(?:\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[.,]?\d*\] ?)?\[" + LEVEL + r"\]:? ",
    )
)


_RECORDS = (
    # logfmt, as Go programs write it; JSON, as older releases of llama-server do.
    re.compile(r'^time=\S+ level=\w+ (?:source=\S+ )?msg="((?:[^"\\]|\\.)*)"'),
    re.compile(r'^\{"(?:tid|time(?:stamp)?|level)".*"(?:message|msg)": ?"((?:[^"\\]|\\.)*)"'),
)
_TRACE = ", Traceback (most recent call last):"
"""Some loggers write what failed and its traceback into one line."""
_CELLS = re.compile(r"^\|(?:[ ]+\|)+ (?P<more>\S.*?)[ ]*\|$")
"""A row of a table that only continues the last cell of the row above."""


def read(texts: Iterable[str]) -> list[Line]:
    found: list[Line] = []
    for part in (part for whole in texts for record in whole.splitlines() or [""] for part in _unwrapped(record)):
        line = _read(part)
        error, comma, _ = line.text.partition(_TRACE)
        cells = _CELLS.match(line.text)
        if comma and error:
            found += [line._replace(text=error), line._replace(text=line.text[len(error) + 2 :])]
        elif cells and found and found[-1].text.startswith("|"):
            # A table breaks a word where its cell ends.
            above = found[-1].text
            found[-1] = found[-1]._replace(text=above.rstrip(" |") + cells["more"] + " |")
        else:
            found.append(line)
    return found


@cache
def _heads() -> tuple[re.Pattern[str], ...]:
    """The line beginnings of engines first: they are more exact."""
    return (*(head for engine in all_known() for head in engine.heads), *_HEADS)


def _unwrapped(record: str) -> list[str]:
    """The lines that a program wrote, where a program that watches it logs each of them as a record of its own."""
    clean = _ESCAPES.sub("", record[:_LONGEST_RECORD].rstrip())
    for form in _RECORDS:
        if found := form.search(clean):
            return found[1].replace('\\"', '"').replace("\\n", "\n").splitlines() or [""]
    return [clean]


def _read(whole: str) -> Line:
    text = whole[:LONGEST].rstrip()
    found = {"process": "", "level": "", "tag": ""}
    for _ in range(4):
        head = next(filter(None, (pattern.match(text) for pattern in _heads())), None)
        if head is None:
            break
        found |= {name: value.strip() for name, value in head.groupdict().items() if value}
        text = text[head.end() :]
    return Line(text, found["process"], _LEVELS.get(found["level"][:1].lower(), ""), found["tag"])
