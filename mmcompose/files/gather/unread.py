"""Finds files beside the sources that are not read, so that a warning can name them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

from mmcompose.model.paths import MODEL_LOCK, SETTINGS

_ENDINGS = (".yaml", ".yml")
_DEEP = 3
_MANY = 200


def unread(root: Path, read: Collection[str]) -> list[str]:
    """Paths below `profiles/`, and other spellings of mmcompose.yaml, without the `read` ones."""
    places = (*_settings(root), *_below(root / "profiles", _DEEP))
    found = (path for place in places if (path := place.relative_to(root).as_posix()) not in read)
    return sorted(path for path, _ in zip(found, range(_MANY), strict=False))


def _settings(root: Path) -> Iterator[Path]:
    wanted = [f"mmcompose{ending}" for ending in _ENDINGS]
    for place in _inside(root):
        if place.name.lower().lstrip(".") in wanted and place.name != SETTINGS:
            yield place


def _below(folder: Path, deep: int) -> Iterator[Path]:
    for place in _inside(folder):
        if place.name.lower().endswith(_ENDINGS):
            if not place.name.endswith(MODEL_LOCK):
                yield place
        elif deep and not place.name.startswith(".") and place.is_dir() and not place.is_symlink():
            yield from _below(place, deep - 1)


def _inside(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []
