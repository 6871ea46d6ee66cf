"""The memory that a container uses at this moment, where the kernel of this machine tells it; as `docker stats` counts.

Docker itself takes two seconds for the same answer, since it also measures the processor.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mmcompose.deploy.control_group import PROC, TREE, folders

if TYPE_CHECKING:
    from mmcompose.deploy.observe import Running

_COUNTS = (("memory.current", "inactive_file"), ("memory.usage_in_bytes", "total_inactive_file"))
"""Of control groups version 2 and version 1, and what of it the kernel gives back at once when somebody needs it."""


def of(container: Running, *, proc: Path = PROC, tree: Path = TREE) -> int | None:
    """In bytes; None where it cannot be told."""
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
