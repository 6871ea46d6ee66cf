"""Orders the versions of each engine, and finds the place of a version among those of a history."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal, NamedTuple

Order = Literal["release", "build", "commit"]
Standing = Literal["exact", "between", "newer", "older", "unknown"]
Key = tuple[tuple[int, ...], int, int]

RELEASE = re.compile(
    r"v?(?P<release>\d{1,9}(?:\.\d{1,9})+)(?:[.\-_]?(?P<stage>dev|a|b|rc|post)\.?(?P<number>\d{1,9})?)?"
    r"(?:[+\-][0-9A-Za-z.\-_]+)?"
)
BUILD = re.compile(r"(?:[A-Za-z0-9.]+-)*b?(\d{1,6})")
COMMIT = re.compile(r"[0-9a-f]{7,40}")
STAGES = {"dev": -4, "a": -3, "b": -2, "rc": -1, None: 0, "post": 1}


class Position(NamedTuple):
    """The neighbouring known versions (as indices; equal when one of them answers alone) and how sure that is."""

    low: int
    high: int
    standing: Standing


@lru_cache(4096)
def key(order: Order, version: str) -> Key | None:
    """A value to sort by; None for a version outside this order (`nightly`, a commit, ...).

    >>> key("release", "v0.8.5.post1") > key("release", "0.8.5") > key("release", "0.8.5rc2")
    True
    """
    if order == "build":
        match = BUILD.fullmatch(version)
        return ((int(match[1]),), 0, 0) if match else None
    if order == "release":
        match = RELEASE.fullmatch(version)
        if match:
            parts = [int(part) for part in match["release"].split(".")]
            while parts and parts[-1] == 0:  # 0.9 and 0.9.0 are one release
                parts.pop()
            return (tuple(parts), STAGES[match["stage"]], int(match["number"] or 0))
    return None


def older(release: str | None, than: str) -> bool | None:
    """Whether a release came before another; None for a version that is no release (a commit, a nightly image)."""
    mine, other = key("release", release or ""), key("release", than)
    return None if mine is None or other is None else mine < other


def place(order: Order, known: Sequence[str], version: str | None, commits: Sequence[str] = ()) -> Position:
    """The place of `version` among `known` (oldest first). `commits` are the sources of the `known` versions."""
    last = len(known) - 1
    text = (version or "").strip()
    names = commits if order == "build" else known
    if order != "release" and COMMIT.fullmatch(text):
        for index, name in enumerate(names):
            if name.startswith(text) or (len(name) >= 7 and text.startswith(name)):
                return Position(index, index, "exact")
    wanted = key(order, text)
    if wanted is None:
        return Position(last, last, "unknown")
    keys = [key(order, name) or ((), 0, 0) for name in known]
    for index, have in enumerate(keys):
        if have == wanted:
            return Position(index, index, "exact")
    if wanted > keys[last]:
        # A sample named by its line (1.3) answers for the releases of that line (1.3.0rc1 is still older than it).
        standing: Standing = "exact" if _same_line(known[last], wanted) else "newer"
        return Position(last, last, standing)
    if wanted < keys[0]:
        return Position(0, 0, "older")
    low = max(index for index, have in enumerate(keys) if have < wanted)
    if _same_line(known[low], wanted):
        return Position(low, low, "exact")
    return Position(low, low + 1, "between")


def _same_line(sample: str, wanted: Key) -> bool:
    """Whether `sample` is only major.minor and `wanted` a patch release of it."""
    line = tuple(int(part) for part in sample.split(".") if part.isdigit())
    return sample.count(".") == 1 and len(line) == 2 and wanted[0][:2] == line and wanted[1] >= 0
