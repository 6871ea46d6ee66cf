"""What stands in the place of a file may be anything; nobody waits for it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.disk import CHAT, mmcompose, project

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")


@pytest.mark.parametrize(
    "path", ["compose/aa.yaml", "compose/mmcompose.lock", "compose/.mmcompose-intent", ".mmcompose/lock.seal"]
)
def test_a_pipe_in_the_place_of_a_file_is_no_wait_for_its_other_end(tmp_path: Path, path: str) -> None:
    folder = project(tmp_path, {"aa": CHAT})
    assert mmcompose(folder, "render").code == 0
    (folder / path).unlink(missing_ok=True)
    os.mkfifo(folder / path)
    mmcompose(folder, "render", "--check")
    assert mmcompose(folder, "render", "--force").code in (0, 2)
