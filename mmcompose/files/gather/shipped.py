"""The templates, profiles and schemas that came with mmcompose.

In a checkout they stand at the top of the repository, where people edit them; in a wheel they are inside the package.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[2]


@cache
def root() -> Path:
    inside = PACKAGE / "shipped"
    return inside if inside.is_dir() else PACKAGE.parent


def schemas() -> dict[str, str]:
    """The pieces of JSON Schema, by kind."""
    folder = PACKAGE / "core" / "schema"
    return {
        path.name.removesuffix(".schema.json"): path.read_text("utf-8") for path in sorted(folder.glob("*.schema.json"))
    }
