"""Writes a run's files whole or not at all, whatever characters a server sent."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from mmcompose.files import whole


def replace(path: Path, text: str) -> None:
    """Raises OSError, and leaves nothing half behind. The folder must be there."""
    if not path.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path.parent))
    whole.write(path, text.encode("utf-8", "replace").decode())
