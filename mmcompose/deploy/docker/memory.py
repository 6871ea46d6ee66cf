"""Measures the memory of a container from this machine's kernel."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from mmcompose.deploy.docker.observe import Running

_PROC, _TREE = Path("/proc"), Path("/sys/fs/cgroup")
_COUNTS = (("memory.current", "inactive_file"), ("memory.usage_in_bytes", "total_inactive_file"))
"""Files of control groups version 2 and 1, and the key of the part that the kernel reclaims at need."""
_PEAKS = ("memory.peak", "memory.max_usage_in_bytes", "memory.current")
"""Files of control groups version 2 since Linux 5.19, and of version 1; for older kernels the present use."""


def used(container: Running, *, proc: Path = _PROC, tree: Path = _TREE) -> int | None:
    """The present bytes as `docker stats` counts them; None where they cannot be read.

    Docker itself takes two seconds for the same answer, since it also measures the processor.
    """
    for folder in _folders(container, proc, tree):
        for count, idle in _COUNTS:
            try:
                taken = int((folder / count).read_text("ascii"))
                stat = (folder / "memory.stat").read_text("ascii").splitlines()
            except (OSError, ValueError):
                continue
            spare = next((int(line.split()[1]) for line in stat if line.split()[:1] == [idle]), 0)
            return max(taken - spare, 0)
    return None


def peak(container: Running, *, proc: Path = _PROC, tree: Path = _TREE) -> int:
    """The highest bytes so far; 0 where they cannot be read. The count ends with the container."""
    for folder in _folders(container, proc, tree):
        for name in _PEAKS:
            try:
                return int((folder / name).read_text("ascii"))
            except (OSError, ValueError):
                continue
    return 0


def _folders(container: Running, proc: Path, tree: Path) -> Iterator[Path]:
    """The folders of its control group, version 1 or 2; none if the container runs on another machine."""
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
