"""Measures the present memory of a container as `docker stats` counts it, from this machine's kernel.

Docker itself takes two seconds for the same answer, since it also measures the processor.
"""

from __future__ import annotations

from pathlib import Path

from mmcompose.deploy.docker.control_group import PROC, TREE, folders
from mmcompose.deploy.docker.observe import Running

_COUNTS = (("memory.current", "inactive_file"), ("memory.usage_in_bytes", "total_inactive_file"))
"""Files of control groups version 2 and 1, and the key of the part that the kernel reclaims at need."""


def of(container: Running, *, proc: Path = PROC, tree: Path = TREE) -> int | None:
    """The memory in bytes; None where it cannot be read."""
    for folder in folders(container, proc, tree):
        for count, idle in _COUNTS:
            try:
                used = int((folder / count).read_text("ascii"))
                stat = (folder / "memory.stat").read_text("ascii").splitlines()
            except (OSError, ValueError):
                continue
            spare = next((int(line.split()[1]) for line in stat if line.split()[:1] == [idle]), 0)
            return max(used - spare, 0)
    return None
