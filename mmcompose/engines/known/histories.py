"""The flag histories: flags.json in the folder of each engine, read once, at its first use."""

from __future__ import annotations

from functools import cache

from mmcompose.engines.flags.history import History, parse
from mmcompose.engines.known import folder

_FILE = "flags.json"


@cache
def load(engine: str) -> History | None:
    """The history of `engine`; None for an engine without one (our own services)."""
    text = folder.text(engine, _FILE)
    return parse(text) if text else None


def names() -> tuple[str, ...]:
    """The engines with a history, and the benchmark clients with one."""
    return folder.having(_FILE)
