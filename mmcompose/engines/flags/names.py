"""Finds the flag that a name means in one version: by its main name, another spelling, or its negative form."""

from __future__ import annotations

from typing import Literal, NamedTuple

from mmcompose.engines.flags.history import Flag, History, VersionFlags, flag_at
from mmcompose.engines.flags.versions import Position

Via = Literal["name", "alias", "negative"]


class FoundFlag(NamedTuple):
    flag: Flag
    via: Via
    option: str  # the spelling to write


def lookup(history: History, version: int, name: str) -> FoundFlag | None:
    """The flag that `name` (snake_case) means at the version with this index."""
    flag = flag_at(history, version, name)
    if flag is not None:
        return FoundFlag(flag, "name", flag.option)
    spelled = history.option(name)
    for main in history.also.get(name, ()):
        flag = flag_at(history, version, main)
        if flag is None:
            continue
        if spelled in flag.aliases:
            return FoundFlag(flag, "alias", spelled)
        if spelled == flag.off or spelled in flag.negatives:
            return FoundFlag(flag, "negative", spelled)
    if name.startswith("no_"):
        flag = flag_at(history, version, name.removeprefix("no_"))
        if flag is not None and flag.off == spelled:
            return FoundFlag(flag, "negative", spelled)
    return None


def lookup_near(history: History, spot: Position, name: str) -> FoundFlag | None:
    """The same at a place in the history. Between two known versions the older form counts, if both have the flag."""
    return lookup(history, spot.low, name) or lookup(history, spot.high, name)


def spellings(history: History, version: int) -> dict[str, str]:
    """Every long spelling in this version, and its main name. Slow: only for reports."""
    found: dict[str, str] = {}
    for name, flag in VersionFlags(history, version).items():
        for option in (flag.option, *flag.aliases, flag.off, *flag.negatives):
            if option.startswith("--"):
                found.setdefault(option.removeprefix("--").replace("-", "_"), name)
    return found


def short_for(history: History, version: int, name: str) -> str | None:
    """The main name of the flag whose short form is `-name`."""
    short = "-" + name
    for main, flag in VersionFlags(history, version).items():
        if short in flag.aliases:
            return main
    return None
