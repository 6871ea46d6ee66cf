"""Something else lies where a render writes: it is named, with what to do, and stays as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mmcompose.files.write.artifacts import INTENT
from tests.disk import CHAT, mmcompose, project

if TYPE_CHECKING:
    from pathlib import Path


def test_compose_as_a_file_is_reported_and_left_alone(tmp_path: Path) -> None:
    folder = project(tmp_path, {"aa": CHAT})
    (folder / "compose").write_text("mine\n", encoding="utf-8")
    answer = mmcompose(folder, "render")
    assert answer == (4, "", "error: compose is a file, where a folder is due\n")
    assert (folder / "compose").read_text(encoding="utf-8") == "mine\n"


def test_an_output_s_place_taken_by_a_folder_is_reported(tmp_path: Path) -> None:
    folder = project(tmp_path, {"aa": CHAT, "compose/aa.yaml/mine.txt": "mine\n"})
    printed = "error: compose/aa.yaml is a folder, where mmcompose writes a file: remove it, or move it away\n"
    assert mmcompose(folder, "render") == (4, "", printed)


@pytest.mark.parametrize("rendered_before", [False, True])
def test_a_folder_in_place_of_the_note_about_a_render_is_reported(tmp_path: Path, *, rendered_before: bool) -> None:
    folder = project(tmp_path, {"aa": CHAT})
    if rendered_before:
        assert mmcompose(folder, "render").code == 0
    (folder / INTENT / "x").mkdir(parents=True)
    printed = f"error: {INTENT} is a folder, where mmcompose writes a file: remove it, or move it away\n"
    assert mmcompose(folder, "render", "--no-short-cut") == (4, "", printed)
