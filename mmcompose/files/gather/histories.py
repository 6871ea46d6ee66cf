"""Reads the flag histories that ship with mmcompose, each at its first use."""

from __future__ import annotations

from functools import cache

from mmcompose.engines.flags.history import History, parse
from mmcompose.engines.known.folder import text


@cache
def load(engine: str) -> History | None:
    """The history of `engine`; None for an engine without one (our own services)."""
    history = text(engine, "flags.json")
    return parse(history) if history else None
