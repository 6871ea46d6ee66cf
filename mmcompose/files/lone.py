"""One file of a person's own, written whole or not at all, and never by accident over another."""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
from pathlib import Path


def write(place: Path, text: str, *, replace: bool = False) -> None:
    """Raises FileExistsError when something is there and may not be replaced, and OSError for the rest."""
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
    except FileExistsError as blocked:
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(place.parent)) from blocked
    handle, temporary = tempfile.mkstemp(prefix=f".{place.name}.", dir=place.parent)
    try:
        with open(handle, "w", encoding="utf-8", errors="surrogateescape", newline="\n") as file:  # noqa: PTH123 - a handle, not a path
            file.write(text)
        Path(temporary).chmod(0o644)
        if replace:
            os.replace(temporary, place)  # noqa: PTH105 - said where it happens
        else:
            # The kernel refuses a link where anything is, also what was made a moment ago; a rename would overwrite it.
            os.link(temporary, place)
    finally:
        with contextlib.suppress(FileNotFoundError):
            Path(temporary).unlink()
