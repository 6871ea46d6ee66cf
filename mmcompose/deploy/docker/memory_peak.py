"""Measures the highest memory of a container, from this machine's kernel. The count ends with the container, so it
is read while the container runs."""

from __future__ import annotations

from pathlib import Path

from mmcompose.deploy.docker.control_group import PROC, TREE, folders
from mmcompose.deploy.docker.observe import Running

_PEAKS = ("memory.peak", "memory.max_usage_in_bytes", "memory.current")
"""Files of control groups version 2 since Linux 5.19, and of version 1; for older kernels the present use."""


def of(container: Running, *, proc: Path = PROC, tree: Path = TREE) -> int:
    """The memory in bytes; 0 where it cannot be read."""
    for folder in folders(container, proc, tree):
        for name in _PEAKS:
            try:
                return int((folder / name).read_text("ascii"))
            except (OSError, ValueError):
                continue
    return 0
