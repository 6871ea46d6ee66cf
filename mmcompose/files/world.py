"""Shows the disk to the rules."""

from __future__ import annotations

import os
import stat
from functools import cache
from pathlib import Path

from mmcompose.core.world import Kind, Seen, World

_KINDS: dict[int, Kind] = {
    stat.S_IFREG: "file", stat.S_IFDIR: "folder", stat.S_IFSOCK: "socket",
    stat.S_IFBLK: "block", stat.S_IFCHR: "character", stat.S_IFIFO: "pipe",
}  # fmt: skip


def world(root: Path) -> World:
    return World(os.path.realpath(root), cache(_look))


def _look(path: str) -> Seen:
    try:
        real = os.path.realpath(path)
    except OSError as error:
        # A link that this user may not read, such as /proc/1/root, leads nobody knows where: outside, at any rate.
        return Seen(str(error.filename or path))
    try:
        format_ = stat.S_IFMT(Path(real).stat().st_mode)
    except (OSError, ValueError):
        return Seen(real)
    return Seen(real, _KINDS.get(format_, ""))
