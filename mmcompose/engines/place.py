"""The surroundings of an engine that the checks of its files need."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Place(NamedTuple):
    """The container and host around an engine's files. An unknown value is never judged."""

    model: str = ""
    read_only: Sequence[str] = ()
    memory_gib: float | None = None
    writable: Sequence[str] | None = None
    """Every path that the container can write to; None if it can write everywhere."""


ANYWHERE = Place()
