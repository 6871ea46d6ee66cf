"""A folder in which something is mounted cannot be removed, so mounts are found and let go of first."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.bed import mounts
from tests.bed.commands import run

LISTED = """\
27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
45 27 254:0 /b/root /bed/engines/root rw,relatime shared:4 - ext4 /dev/vda rw
46 45 0:52 / /bed/engines/root/overlay2/a\\040b/merged rw,relatime - overlay overlay rw
47 27 0:53 / /bed-of-another/root rw,relatime - tmpfs tmpfs rw
"""


def test_mounts_in_a_folder_are_found_the_innermost_first() -> None:
    found = mounts.below(Path("/bed"), LISTED)
    assert found == [Path("/bed/engines/root/overlay2/a b/merged"), Path("/bed/engines/root")]


def may_mount() -> bool:
    return os.geteuid() == 0 and bool(shutil.which("mount"))


@pytest.mark.skipif(not may_mount(), reason="only root mounts")
def test_what_was_let_go_of_can_be_removed(tmp_path: Path) -> None:
    outer = tmp_path / "out er"
    outer.mkdir()
    run("mount", "--bind", outer, outer)
    (outer / "inner").mkdir()
    run("mount", "--bind", outer / "inner", outer / "inner")
    mounts.let_go(tmp_path)
    shutil.rmtree(outer)
