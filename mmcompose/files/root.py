"""Finds the root of a project: the folder with its mmcompose.yaml."""

from __future__ import annotations

from pathlib import Path

from mmcompose.model.failure import Failure
from mmcompose.model.paths import SETTINGS


class NoProject(Failure):
    code = 2


def find_root(start: Path) -> Path:
    """The nearest folder, upwards, with a mmcompose.yaml."""
    start = start.absolute()
    for folder in (start, *start.parents):
        if (folder / SETTINGS).is_file():
            return folder
    other = next((name for name in ("mmcompose.yml", ".mmcompose.yaml") if (start / name).is_file()), None)
    way = f"rename {other} to {SETTINGS}" if other else "`mmcompose init` makes one"
    raise NoProject(f"no {SETTINGS} in {start} or above; {way}")
