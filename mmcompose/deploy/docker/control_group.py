"""Finds the folders in which this machine's kernel counts the memory of a container."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from mmcompose.deploy.docker.observe import Running

PROC, TREE = Path("/proc"), Path("/sys/fs/cgroup")


def folders(container: Running, proc: Path = PROC, tree: Path = TREE) -> Iterator[Path]:
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
