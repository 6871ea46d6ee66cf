"""The values of a service that are unknown, because a layer that would set them is wrong or missing."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

MACHINE, ENGINE = "machine", "engine"
"""Two paths that no service has: the facts of its host file, and those of its backend file."""


class Doubt(NamedTuple):
    """The unknown values. `paths` have no value or a wrong one; a layer that is `missing` might have set any value."""

    paths: frozenset[str] = frozenset()
    missing: bool = False

    def about(self, places: Collection[str]) -> bool:
        """Whether any of these places, or what lies above or below it, is in doubt."""
        return any(_meet(path, place) for path in self.paths for place in places)


def _meet(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    return long.startswith(short) and (len(long) == len(short) or long[len(short)] in ".[")
