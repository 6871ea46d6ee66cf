"""Separates the prefixes of loggers from a log's lines: the writer, the level, and the text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

LONGEST = 2000
"""Characters of a line that are read: the important part is at its beginning, and some patterns take quadratic time."""


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
_LEVEL = r"(?P<level>DEBUG|INFO|NOTICE|WARN(?:ING)?|ERROR|CRITICAL|FATAL|TRACE|debug|info|warn(?:ing)?|error|critical)"
_DAY = r"(?:\[?\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[.,]\d+\]? )"
_HEADS = tuple(
    re.compile(pattern)
    for pattern in (
        # Compose: `chat-1  | `; Docker: `2026-11-20T05:52:19.123456789Z `.
        r"[\w.-]+\s+\| ",
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)\s",
        # vLLM: `(EngineCore_DP0 pid=77) `, Ray: `(RayWorker pid=8, ip=…) `, torchrun: `[rank3]:`.
        r"\((?P<process>[\w:.= -]+ pid=\d+)[^)]*\)\s?",
        r"\[(?P<process>rank\d+)\]:(?:\[(?P<level>[WEIF])\d[^\]]*\])?\s?",
        # vLLM: `ERROR 11-20 09:07:54 [core.py:396] `.
        _LEVEL + r" \d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)? (?:\[?(?P<tag>[\w.]+:\d+)\] ?)?",
        # OVMS: `[2026-11-20 09:07:54.123][1][serving][error][server.cpp:12] `.
        r"\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[.,]\d+\]\[\d+\]\[\w+\]\[" + _LEVEL + r"\]\[(?P<tag>[^\]]*)\]\s?",
        # SGLang: `[2026-11-20 09:07:54 TP0] `.
        r"\[(?P<tag>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)(?:[.,]\d+)?(?: (?P<process>[A-Z][A-Z0-9_ ]*))?\]\s",
        # TensorRT-LLM: `[11/20/2026-09:07:54] [TRT-LLM] [RANK 0] [E] `, `[TensorRT-LLM][ERROR] `.
        r"(?:\[\d\d/\d\d/\d{4}-\d\d:\d\d:\d\d\] )?\[TRT-LLM\] (?:\[(?P<process>RANK \d+)\] )?\[(?P<level>[EFWIVD])\] ",
        r"(?:\[\d\d/\d\d/\d{4}-\d\d:\d\d:\d\d\] )?\[TensorRT-LLM\]\[" + _LEVEL + r"\] ",
        r"\[\d\d/\d\d/\d{4}-\d\d:\d\d:\d\d\] \[TRT\] \[(?P<level>[EFWIV])\] ",
        # NCCL: `node:77:99 [0] init.cc:12 NCCL WARN `.
        r"\S+:\d+:\d+ \[\d+\] (?:\S+ )?(?:\S+:\d+ )?NCCL (?P<level>WARN|INFO) ",
        r"\[[^\]]*\] \S+:\d+:\d+ \[\d+\] (?:\S+ )?NCCL (?P<level>WARN|INFO) ",
        # glog: `E0000 00:00:1700000000.000000 1 file.cc:1] `; torch: `[E1120 09:07:54.1 file.cpp:1] `.
        r"\[?(?P<level>[EWIF])\d{4} \d\d:\d\d:\d+[.\d]*\s+(?:\d+ )?(?P<tag>[\w./-]+:\d+)\] ?",
        # llama.cpp since 2025: `0.01.234.567 E `, shorter `E `.
        r"\d+\.\d\d\.\d{3}\.\d{3} (?P<level>[EWID]) ",
        r"(?P<level>[EWID]) (?=(?:srv|llama|ggml|common|main|load|clip|que|slot|mtmd)\w*[ :])",
        # Python's logging, uvicorn: `2026-11-20 09:07:54,123 - name - ERROR - `, `ERROR:    `.
        _DAY + r"?(?:-\s*)?(?:[\w.]+ (?:- )?)?" + _CAPITALS + r"(?: ?-|:)\s+(?=\S)",
        r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[.,]\d+ [\w.]+ \d+ " + _LEVEL + r"\s+",
        r"(?:\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[.,]?\d*\] ?)?\[" + _LEVEL + r"\]:? ",
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
    for part in (part for whole in texts for part in whole.splitlines() or [""]):
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


def _unwrapped(text: str) -> str:
    """The text of a program whose watcher logs each of its lines as a record of its own."""
    for record in _RECORDS:
        if found := record.search(text):
            return found[1].replace('\\"', '"').replace("\\n", " ")
    return text


def _read(whole: str) -> Line:
    text = _unwrapped(_ESCAPES.sub("", whole[:LONGEST].rstrip()))
    found = {"process": "", "level": "", "tag": ""}
    for _ in range(4):
        head = next(filter(None, (pattern.match(text) for pattern in _HEADS)), None)
        if head is None:
            break
        found |= {name: value.strip() for name, value in head.groupdict().items() if value}
        text = text[head.end() :]
    return Line(text, found["process"], _LEVELS.get(found["level"][:1].lower(), ""), found["tag"])
