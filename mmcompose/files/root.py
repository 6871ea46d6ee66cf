"""Finds the root of a project: the folder with its mmcompose.yaml. Help needs it, so nothing here loads pathlib."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from typing import TYPE_CHECKING

from mmcompose.model.failure import Failure
from mmcompose.model.paths import SETTINGS

if TYPE_CHECKING:
    from pathlib import Path


class NoProject(Failure):
    code = 2


def find_root(start: Path) -> Path:
    return start / nearest(str(start))


def nearest(start: str) -> str:
    """The nearest folder, upwards, with a mmcompose.yaml."""
    folder, above = "", os.path.join(os.getcwd(), start)
    while above != folder:
        folder, above = above, os.path.dirname(above)
        with suppress(FileNotFoundError, NotADirectoryError):
            if stat.S_ISREG(os.stat(f"{folder}/{SETTINGS}").st_mode):
                return folder
    other = next((name for name in ("mmcompose.yml", ".mmcompose.yaml") if os.path.isfile(f"{start}/{name}")), None)
    way = f"rename {other} to {SETTINGS}" if other else "`mmcompose init` makes one"
    raise NoProject(f"no {SETTINGS} in {os.path.abspath(start)} or above; {way}")
