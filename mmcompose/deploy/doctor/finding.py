"""The result of one check."""

from __future__ import annotations

from typing import Literal, NamedTuple

Level = Literal["ok", "note", "warning", "error"]


class Finding(NamedTuple):
    """The result of one check. `fix` is the repair; a note needs none, it names a fact that is unknown."""

    level: Level
    what: str
    fix: str = ""


def ok(what: str) -> Finding:
    return Finding("ok", what)


def note(what: str, fix: str = "") -> Finding:
    return Finding("note", what, fix)


def warning(what: str, fix: str = "") -> Finding:
    return Finding("warning", what, fix)


def error(what: str, fix: str = "") -> Finding:
    return Finding("error", what, fix)
