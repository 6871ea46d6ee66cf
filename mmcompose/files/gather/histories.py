"""Reads the flag histories that ship with mmcompose, each once and only when its engine is asked for."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from mmcompose.engines.flags.history import History, parse
from mmcompose.engines.known.catalogue import ENGINES

DATA = Path(__file__).resolve().parents[2] / "engines" / "data"


@cache
def load(engine: str) -> History | None:
    """The history of `engine`; None for an engine without one (our own services)."""
    return parse((DATA / f"{engine}.json").read_text(encoding="utf-8")) if engine in ENGINES else None
