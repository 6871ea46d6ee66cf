"""The most memory that a container has had at one time, where the kernel of this machine tells it.

The count goes with the container, so it is read while it runs.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mmcompose.deploy.observe import Running

_PEAKS = ("memory.peak", "memory.max_usage_in_bytes", "memory.current")
"""Of control groups version 2 since Linux 5.19, of version 1, and of older kernels what it has at this moment."""


def of(container: Running, *, proc: Path = Path("/proc"), tree: Path = Path("/sys/fs/cgroup")) -> int:
    """In bytes; 0 where it cannot be told."""
    for folder in _folders(container, proc, tree):
        for name in _PEAKS:
            try:
                return int((folder / name).read_text("ascii"))
            except (OSError, ValueError):
                continue
    return 0


def _folders(container: Running, proc: Path, tree: Path) -> Iterator[Path]:
    """By the group of its process; a process of that number on another machine is in no group of that name."""
    try:
        lines = (proc / str(container.pid) / "cgroup").read_text("ascii").splitlines() if container.pid else []
    except (OSError, ValueError):
        return
    for line in lines:
        _, controllers, path = line.split(":", 2) if line.count(":") > 1 else ("", "", "")
        if container.id not in path:
            continue
        if not controllers:
            yield tree / path.lstrip("/")
        elif "memory" in controllers.split(","):
            yield tree / "memory" / path.lstrip("/")
