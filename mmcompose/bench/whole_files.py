"""Writes a run's files whole or not at all, even with invalid characters from a server."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from mmcompose.files import whole


def replace(path: Path, text: str) -> None:
    """Writes a file. Raises OSError, and leaves no half file. The folder must exist."""
    if not path.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path.parent))
    whole.write(path, text.encode("utf-8", "replace").decode())
