"""Writes one file whole or not at all: beside its place first, then moved there in one step.

The caller must be the project's one writer at that moment: two would share the temporary file.
"""

from __future__ import annotations

import contextlib
import errno
import os
from pathlib import Path

PASSING = ".mmcompose-new"
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)


_TRIES = 3

_READABLE = 0o644
"""The mode, whatever the shell's mask is: a container of another user may have to read the file."""


def write(place: Path, text: str | bytes, *, over: bool = True, mode: int = _READABLE) -> None:
    """Writes a file. Raises OSError, and FileExistsError if something is there that may not be overwritten."""
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
        error.filename = error.filename or str(place)  # the error of a full disk has no file name
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def _opened(temporary: str, parent: Path) -> int:
    """A new temporary file; removes a link or file that a killed render left in its place."""
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
    """Writes a file that a person edits too: it keeps its mode, and a link stays a link."""
    place = place.resolve()
    write(place, text, mode=place.stat().st_mode & 0o777)
