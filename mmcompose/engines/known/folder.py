"""The folder of each engine in this room: what is known of it, file by file."""

from __future__ import annotations

import pkgutil
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.resources.abc import Traversable


@cache
def having(file: str) -> tuple[str, ...]:
    """The engines whose folder has such a file."""
    return tuple(sorted(each.name for each in _room().iterdir() if each.joinpath(file).is_file()))


def text(engine: str, file: str) -> str | None:
    """One file of an engine; None where it has none."""
    try:
        found = pkgutil.get_data(__package__, f"{engine}/{file}") if "/" not in engine else None
    except OSError:
        return None
    return found.decode() if found else None


def causes() -> Iterator[tuple[str, dict[str, Any]]]:
    """The tables of why starts fail, each with its engine, in the order of their names."""
    for engine in sorted(_room().iterdir(), key=lambda each: each.name):
        folder = engine / "causes"
        tables = sorted(folder.iterdir(), key=lambda each: each.name) if folder.is_dir() else ()
        yield from ((engine.name, parsed(table.read_text(encoding="utf-8"))) for table in tables)


def _room() -> Traversable:
    from importlib import resources  # brings tempfile and zipfile along, and a render needs no list of the engines

    return resources.files(__package__)


def parsed(text: str) -> dict[str, Any]:
    """A table of YAML that travels inside the package; nobody's input, so no line numbers are kept."""
    import yaml  # slow to import, and most commands ask for no such table

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the quick one, where PyYAML was built with it
    return dict(yaml.load(text, loader))  # noqa: S506 (both are safe loaders)
