"""The room on the store's own file system, looked at before the first byte is asked for."""

from __future__ import annotations

import os
from pathlib import Path

from mmfetch.failures import SPACE, Failure
from mmfetch.sizes import readable

SPARE = 64 << 20
"""Stays free: a disk that is full to the last byte stops other programs too."""


def need(root: Path, count: int, text: str, first: str = "") -> None:
    """Refuses to begin what cannot end. `first` is what to try before anything is freed."""
    free = free_bytes(root)
    if count and count + SPARE > free:
        raise Failure(
            SPACE,
            f"{text} needs {readable(count)} more, and {readable(free)} are free on the file system of {root}",
            f"{first}free {readable(count + SPARE - free)} there, such as with mmcompose models prune, "
            "or name a folder on another disk: machine.models of the host file",
        )


def free_bytes(root: Path) -> int:
    """The free bytes that a user may take."""
    found = os.statvfs(root)
    return found.f_bavail * found.f_frsize
