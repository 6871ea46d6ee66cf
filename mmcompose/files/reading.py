"""Reads files of unknown origin: no pipe makes the reader wait, and memory is limited."""

from __future__ import annotations

import errno
import os
import stat
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from pathlib import Path

LIMIT = 4 << 20
"""The most bytes that are read of a path that is no regular file, such as a device."""


def content(place: str | Path, *, follow: bool = True) -> bytes:
    """The whole content. A pipe counts as empty; without `follow` a link is refused. Raises OSError."""
    extra = getattr(os, "O_NONBLOCK", 0) | (0 if follow else getattr(os, "O_NOFOLLOW", 0))
    with open(place, "rb", 0, opener=lambda name, flags: os.open(name, flags | extra)) as file:
        return file.readall() if stat.S_ISREG(os.fstat(file.fileno()).st_mode) else file.read(LIMIT) or b""


def opened(place: str | Path) -> BinaryIO:
    """A file of any length, to read piece by piece. Raises OSError, also for a pipe or a device."""
    extra = getattr(os, "O_NONBLOCK", 0)
    file = open(place, "rb", opener=lambda name, flags: os.open(name, flags | extra))  # noqa: SIM115 - the caller's
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise OSError(errno.EINVAL, "it is no file", str(place))
    return file


def start_of(place: str, length: int) -> bytes:
    """The first bytes of any file; empty if it cannot be read, and for a pipe."""
    try:
        handle = os.open(place, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        try:
            return os.read(handle, length)
        finally:
            os.close(handle)
    except OSError:
        return b""
