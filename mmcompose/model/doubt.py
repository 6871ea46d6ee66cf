"""What is not known of a service because something that it is made of is wrong or not there."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

MACHINE, ENGINE = "machine", "engine"
"""Two things that no path of a service names: what its host and its backend file say of machine and engine."""


class Doubt(NamedTuple):
    """`paths` hold nothing, or a value that is wrong; where a layer is `missing`, it might have said anything."""

    paths: frozenset[str] = frozenset()
    missing: bool = False

    def about(self, places: Collection[str]) -> bool:
        """Whether any of these places, or what lies above or below it, is in doubt."""
        return any(_meet(path, place) for path in self.paths for place in places)


def _meet(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    return long.startswith(short) and (len(long) == len(short) or long[len(short)] in ".[")
