"""Lets one process at a time write in a project. The second one waits; the lock ends with its process."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

if sys.platform != "win32":
    import fcntl


@contextlib.contextmanager
def one_writer(root: Path) -> Iterator[None]:
    """Waits for the project's lock and holds it. Raises OSError if the project cannot be opened."""
    if sys.platform == "win32":
        # Files are still written whole there, but two renders at once are not kept apart.
        yield
        return
    handle = os.open(root, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
