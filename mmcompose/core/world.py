"""The files of the machine as rules see them: the real path and kind of each.

Only findings depend on them, never rendered bytes. Without a disk nothing exists, and a path leads to itself.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from typing import Literal, NamedTuple

NAMED_PIPE = re.compile(r"(?:npipe:)?[\\/]{2,}[^\\/]+[\\/]+pipe(?:[\\/]|\Z)", re.IGNORECASE)
r"""`\\.\pipe\docker_engine` and its other spellings: the address of a program on a Windows host, and no path."""

Kind = Literal["", "file", "folder", "socket", "block", "character", "pipe"]


class Seen(NamedTuple):
    """A place of the machine: `real` is its path with every link followed; `kind` is empty if nothing is there."""

    real: str
    kind: Kind = ""


class World(NamedTuple):
    """The machine's files. `root` is the project's real folder."""

    root: str = "/project"
    look: Callable[[str], Seen] = Seen

    def leads(self, path: str, start: str = "") -> Seen:
        """The real path that a path of a profile leads to. As in Docker, `..` is resolved before links."""
        return self.look(tidied(posixpath.join(start or self.root, path)))


NOWHERE = World()


def tidied(path: str) -> str:
    """An absolute path without detours; two slashes at its head become one."""
    return "/" + posixpath.normpath(path).lstrip("/")
