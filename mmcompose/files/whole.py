"""One file, whole or not at all: written beside its place, then moved there in one step.

Whoever calls this is the project's one writer at that moment: two would share the passing file.
"""

from __future__ import annotations

import contextlib
import errno
import os
from pathlib import Path

PASSING = ".mmcompose-new"
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)


_TRIES = 3

READABLE = 0o644
"""Whatever the shell's mask is: a container of another user may have to read it."""


def write(place: Path, text: str | bytes, *, over: bool = True, mode: int = READABLE) -> None:
    """Raises OSError, and FileExistsError where something is that may not be written over."""
    temporary = f"{place}{PASSING}"
    handle = _opened(temporary, place.parent)
    try:
        try:
            if hasattr(os, "fchmod"):
                os.fchmod(handle, mode)
            data = memoryview(text if isinstance(text, bytes) else text.encode("utf-8", "surrogateescape"))
            while data:
                data = data[os.write(handle, data) :]
        finally:
            os.close(handle)
        if over:
            os.replace(temporary, place)
        else:
            # The kernel refuses a link where anything is, also what was made a moment ago; a rename would not.
            os.link(temporary, place)
            os.unlink(temporary)
    except OSError as error:
        error.filename = error.filename or str(place)  # a full disk is told by a handle, which has no name
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def _opened(temporary: str, parent: Path) -> int:
    """A new temporary file; a link, or what a killed render has left there, is removed first."""
    for _ in range(_TRIES):
        try:
            return os.open(temporary, _NEW)
        except FileExistsError:
            os.unlink(temporary)
        except FileNotFoundError:
            try:
                parent.mkdir(parents=True, exist_ok=True)
            except FileExistsError as blocked:
                raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(parent)) from blocked
    return os.open(temporary, _NEW)


def replace(place: Path, text: str) -> None:
    """A file that a person wrote, edited: it keeps its mode, and where it is a link, the link stays."""
    place = place.resolve()
    write(place, text, mode=place.stat().st_mode & 0o777)
