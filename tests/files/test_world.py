"""Where a path leads, on the disk."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from mmcompose.files.fence import Fence
from mmcompose.files.world import world


def test_a_link_that_nobody_may_read_leads_outside_and_ends_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As /proc/1/root does for all but root."""
    there = world(tmp_path)
    fence = Fence(tmp_path)

    def denied(path: str, **_: object) -> str:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), "/proc/1/root")

    monkeypatch.setattr(os.path, "realpath", denied)
    assert there.look("/proc/1/root").real == "/proc/1/root"
    assert not fence.holds(fence.real("templates/x"))
