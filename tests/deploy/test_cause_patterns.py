"""No pattern of a row looks at a long line again from each of its letters: a log may hold lines of any kind."""

from __future__ import annotations

import re
import time

from mmcompose.deploy.causes.lines import LONGEST
from mmcompose.deploy.causes.row import tables

HOSTILE = [
    (term * LONGEST)[:LONGEST]
    for term in ("a", "0123456789", "A1_-", "a.", "/a", "'a", "(", "error:", "speculative", "a/b.so", "x ", "SM 9")
]
"""Lines as long as they are read, most of them without blanks."""
MEASURE = re.compile("[^\n]{0,80}§")
"""Eighty characters from each place: as long as any pattern needs."""
TIMES = 16
TRIALS = 12


def lasts(pattern: re.Pattern[str], line: str) -> float:
    begin = time.thread_time()
    pattern.search(line)
    return time.thread_time() - begin


def test_no_pattern_takes_much_longer_on_a_hostile_line_than_a_short_look_from_each_place() -> None:
    """Compared within one run; a pattern that seems slow is tried again, since the machine may be busy."""
    most = TIMES * max(lasts(MEASURE, HOSTILE[0]) for _ in range(TRIALS))
    rows = [(row.id, one) for row in tables().rows for one in (*row.patterns, *row.more, *filter(None, [row.given]))]
    arguments = [("pointer", one) for one in (*tables().pointers, *tables().follows)]
    slow = [
        f"{name}: {pattern.pattern}"
        for name, pattern in [*rows, *arguments]
        for line in HOSTILE
        if all(lasts(pattern, line) > most for _ in range(TRIALS))
    ]
    assert slow == []


def test_a_pattern_that_looks_from_each_letter_would_be_found() -> None:
    most = TIMES * max(lasts(MEASURE, HOSTILE[0]) for _ in range(TRIALS))
    assert all(lasts(re.compile(r"(?P<what>[\w.-]+) does not fit"), HOSTILE[0]) > most for _ in range(TRIALS))
