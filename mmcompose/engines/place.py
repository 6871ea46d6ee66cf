"""Where an engine will run, as far as the checks of its files ask for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Place(NamedTuple):
    """What a service's files may depend on beside its settings. Nothing is judged by what is not known."""

    model: str = ""
    read_only: Sequence[str] = ()
    memory_gib: float | None = None
    writable: Sequence[str] | None = None
    """All that the container can write to; None where that is everything."""


ANYWHERE = Place()
