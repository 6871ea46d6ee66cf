"""The result of one check."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from functools import partial
from typing import Literal, NamedTuple

from mmcompose.core.hints import plural

Level = Literal["ok", "note", "warning", "error"]


class Finding(NamedTuple):
    """The result of one check. `fix` is the repair; a note needs none, it names a fact that is unknown."""

    level: Level
    what: str
    fix: str = ""


ok, note = partial(Finding, "ok"), partial(Finding, "note")
warning, error = partial(Finding, "warning"), partial(Finding, "error")


def or_ok(found: Iterable[Finding], checked: Collection[object], noun: str, state: str) -> Iterator[Finding]:
    """The findings; where something was checked and none was made, how many things are in this state."""
    faults = list(found)
    yield from faults
    if checked and not faults:
        yield ok(f"{plural(len(checked), noun)} {state}")
