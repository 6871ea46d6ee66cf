"""Explains each value of a profile: where it comes from, what it overrode, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from mmcompose.core.hints import nearest
from mmcompose.core.resolve import reasons
from mmcompose.model import Origin, Path, Profile, Seat, Setting, dotted
from mmcompose.model.failure import Failure


class Explanation(NamedTuple):
    path: str
    value: Any
    origin: Origin
    overrode: tuple[tuple[Any, Origin], ...]
    why: str | None
    seat: Any = None
    """The port that `auto` became, or the GPUs that a count became."""


def explain(profile: Profile, path: Path, seats: Mapping[str, Seat] | None = None) -> list[Explanation]:
    """All settings at or below `path`, in their order in the files.

    A path that names no service is looked up in each. `seats` are those of the profile's services. Raises Failure with
    the nearest path.
    """
    several = list(profile.services) != [profile.name]
    places: dict[Path, Setting] = {}
    found: list[Explanation] = []
    for name, tree in profile.settings.items():
        prefix: Path = ("services", name) if several else ()
        places[prefix] = tree
        seat = (seats or {}).get(name, Seat())
        if path[: len(prefix)] == prefix:
            found += _below(tree, path[len(prefix) :], prefix, seat)
        elif prefix[: len(path)] == path:
            found += _below(tree, (), prefix, seat)
        elif path[:1] != ("services",):
            found += _below(tree, path, prefix, seat)
    if not found:
        known = [dotted((*prefix, *leaf)) for prefix, tree in places.items() for leaf, _ in tree.leaves()]
        hint = nearest(dotted(path), known) or f"`mmcompose explain {profile.name}` shows all"
        raise Failure(f"{profile.name} has no value {dotted(path)!r} ({hint})", 2)
    return found


def _below(tree: Setting, path: Path, prefix: Path, seat: Seat) -> Iterator[Explanation]:
    start = tree.at(path)
    if start is None:
        return
    for leaf, setting in start.leaves(path):
        if leaf[:1] != ("why",) or path[:1] == ("why",):
            yield Explanation(
                dotted((*prefix, *leaf)),
                setting.plain(),
                setting.place,
                tuple((old.plain(), old.place) for old in setting.overrode),
                reasons.reason(tree, leaf) or _reason_above(tree, leaf),
                _seated(leaf, setting.value, seat),
            )


def _seated(leaf: Path, value: Any, seat: Seat) -> Any:
    """The port or GPUs that placement chose for a value such as `auto`."""
    if leaf[:1] == ("ports",):
        port = seat.ports.get(str(leaf[-1]))
        return None if port == value else port
    return list(seat.gpus) or None if leaf == ("gpu", "count") else None


def _reason_above(tree: Setting, leaf: Path) -> str | None:
    """The reason of a mapping around the value, which holds for all values in it."""
    above = (reasons.reason(tree, leaf[:length]) for length in range(len(leaf) - 1, 0, -1))
    return next(filter(None, above), None)
