"""The memory that a container uses, read from the kernel's own count."""

from __future__ import annotations

from pathlib import Path

import pytest

from mmcompose.deploy.docker import memory
from tests.deploy.containers import container

GROUPS = {
    "version 2": (
        "0::/system.slice/docker-c1.scope",
        "system.slice/docker-c1.scope",
        "memory.current",
        "inactive_file",
    ),
    "version 1": (
        "4:memory:/docker/c1\n0::/",
        "memory/docker/c1",
        "memory.usage_in_bytes",
        "total_inactive_file",
    ),
}


@pytest.mark.parametrize(("lines", "folder", "count", "idle"), GROUPS.values(), ids=GROUPS)
def test_what_the_kernel_would_give_back_at_once_is_not_counted(
    tmp_path: Path, lines: str, folder: str, count: str, idle: str
) -> None:
    (tmp_path / "proc/77").mkdir(parents=True)
    (tmp_path / "proc/77/cgroup").write_text(lines + "\n")
    group = tmp_path / "tree" / folder
    group.mkdir(parents=True)
    (group / count).write_text("5000\n")
    (group / "memory.stat").write_text(f"anon 7\n{idle} 1000\n")
    places = {"proc": tmp_path / "proc", "tree": tmp_path / "tree"}
    assert memory.used(container(pid=77), **places) == 4000
    assert memory.used(container(pid=77, id="of another machine"), **places) is None
    assert memory.used(container(), **places) is None
    (group / count).write_text("max\n")
    assert memory.used(container(pid=77), **places) is None
