"""Shared by the commands of `mmcompose engines`: the requested history, and the text of its changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mmcompose.cli.printing.output import fail, note, say

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mmcompose.engines.flags.changes import FlagChange
    from mmcompose.engines.flags.history import History

_SIGNS = {"added": "+", "removed": "-", "breaks": "-", "deprecated": "!"}


def history_of(engine: str) -> History:
    from mmcompose.engines.flags.nearest import did_you_mean
    from mmcompose.engines.known.histories import load, names

    history = load(engine)
    if history is None:
        hint = did_you_mean(engine, names()) or f"known: {', '.join(names())}"
        fail(f"no flag history for {engine!r} ({hint})", 2)
    return history


def shown_for(history: History, version: str) -> str:
    """The known version that stands for this one; a note on standard error names it if it is another.

    A text that is no version at all ends here.
    """
    spot = history.place(version)
    if spot.standing == "unknown":
        known = f"known: {history.versions[0]} to {history.versions[-1]}"
        fail(f"{version!r} is not a version of {history.title} ({known})", 2)
    if spot.standing == "between":
        note(
            f"{version} lies between {history.versions[spot.low]} and {history.versions[spot.high]}: the older is shown"
        )
    elif spot.standing != "exact":
        note(f"{version} is not in the history of {history.title}; {history.versions[spot.low]} is shown")
    return history.versions[spot.low]


def say_changes(changes: Iterable[FlagChange]) -> None:
    for change in changes:
        line = f"{change.message} ({change.hint})" if change.hint else change.message
        say(f"{_SIGNS.get(change.kind, '~')} {'.'.join(map(str, change.path))}: {line}")
