"""Finds the folder of each engine in this room, and its files."""

from __future__ import annotations

import pkgutil
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from importlib.resources.abc import Traversable


@cache
def having(file: str) -> tuple[str, ...]:
    """The engines whose folder has such a file, or a folder of that name."""
    places = ((each.name, each / file) for each in _room().iterdir())
    return tuple(sorted(name for name, place in places if place.is_file() or place.is_dir()))


def text(engine: str, file: str) -> str | None:
    """One file of an engine; None where it has none."""
    try:
        found = pkgutil.get_data(__package__, f"{engine}/{file}") if "/" not in engine else None
    except (OSError, ValueError):  # a name may be too long, or hold what no path can
        return None
    return found.decode() if found else None


def fixed(table: Mapping[str, Any]) -> dict[str, Any]:
    """A table whose lists can no longer change."""
    return {key: tuple(value) if isinstance(value, list) else value for key, value in table.items()}


def causes() -> Iterator[tuple[str, dict[str, Any]]]:
    """The tables of why starts fail, each with its engine, in the order of their names."""
    for engine in having("causes"):
        tables = sorted(_room().joinpath(engine, "causes").iterdir(), key=lambda each: each.name)
        yield from ((engine, parsed(table.read_text(encoding="utf-8"))) for table in tables)


def _room() -> Traversable:
    from importlib import resources  # brings tempfile and zipfile along, and a render needs no list of the engines

    return resources.files(__package__)


def parsed(text: str) -> dict[str, Any]:
    """A table of YAML that travels inside the package; nobody's input, so no line numbers are kept."""
    import yaml  # slow to import, and most commands ask for no such table

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the quick one, where PyYAML was built with it
    return dict(yaml.load(text, loader))  # noqa: S506 (both are safe loaders)
