"""What the rules may know of the machine's files: where a path leads, and what lies there.

Findings may depend on it; rendered bytes never do. Without a disk nothing is there, and a path leads to itself.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from typing import Literal, NamedTuple

NAMED_PIPE = re.compile(r"(?:npipe:)?[\\/]{2,}[^\\/]+[\\/]+pipe(?:[\\/]|\Z)", re.IGNORECASE)
r"""`\\.\pipe\docker_engine` and its other spellings: where a program of a Windows host listens. It is no path."""

Kind = Literal["", "file", "folder", "socket", "block", "character", "pipe"]


class Seen(NamedTuple):
    """`real` is the path with every link followed; `kind` is empty where nothing is."""

    real: str
    kind: Kind = ""


class World(NamedTuple):
    """`root` is the project's folder without links."""

    root: str = "/project"
    look: Callable[[str], Seen] = Seen

    def leads(self, path: str, start: str = "") -> Seen:
        """Where a path of a profile really leads. As Docker does it: `..` first, then the links."""
        return self.look(tidied(posixpath.join(start or self.root, path)))


NOWHERE = World()


def tidied(path: str) -> str:
    """An absolute path without detours; two slashes at its head mean no more than one."""
    return "/" + posixpath.normpath(path).lstrip("/")


def below(real: str, folder: str) -> bool:
    """Whether a path is this folder or lies in it."""
    return real == folder or real.startswith(folder.rstrip("/") + "/")
