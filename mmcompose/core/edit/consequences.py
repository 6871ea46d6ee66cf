"""Finds what another release changes besides the arguments: known faults, and derived values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mmcompose.core.resolve.known_bad import facts
from mmcompose.engines.flags.changes import FlagChange, Kind
from mmcompose.model import Path, Profile

_OF_THE_MOVE = frozenset({"version", "engine_version", "image", "images", "build", "builds", "derived", "why"})
"""Keys that change with the release anyway, or that the engine never sees."""


def changes(here: Profile, there: Profile, key: str) -> Iterator[FlagChange]:
    """Compares one profile with itself at another release: `here` and `there`."""
    yield from _known(here, there, key)
    before, after = _values(here, key), _values(there, key)
    for path in dict.fromkeys((*before, *after)):
        old, new = before.get(path), after.get(path)
        if old != new and path[0] not in _OF_THE_MOVE:
            yield FlagChange((), "follows", _sentence(old, new), "it follows from the release", setting=path)


def _known(here: Profile, there: Profile, key: str) -> Iterator[FlagChange]:
    engine, machine = there.engines[key], there.host
    had = {fact.name for fact in facts(here.settings[key], here.engines[key], here.host)}
    for fact in facts(there.settings[key], engine, machine):
        if not fact.kept_to(there.settings[key]):
            hint = f"{fact.hint}; the present release has the same fault" if fact.name in had else fact.hint
            writes = fact.writes if fact.severity == "error" else ()
            kind: Kind = "breaks" if fact.severity == "error" else "unsure"
            yield FlagChange((), kind, fact.message, hint, setting=fact.path, writes=writes)


def _values(profile: Profile, key: str) -> Mapping[Path, Any]:
    return {path: leaf.plain() for path, leaf in profile.settings[key].leaves()}


def _sentence(old: Any, new: Any) -> str:
    if old is None:
        return f"becomes {new}"
    return "is no longer set" if new is None else f"{old} becomes {new}"
