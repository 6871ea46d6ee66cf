"""Finding a project, and gathering what a render depends on."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from mmcompose.files.gather.project import gather
from mmcompose.files.root import NoProject, find_root
from tests.disk import CHAT, mmcompose, program, project

if TYPE_CHECKING:
    from pathlib import Path


def test_a_project_is_found_from_any_folder_inside_it(tmp_path: Path) -> None:
    folder = project(tmp_path, {"aa": CHAT, "docs/deep/note.txt": "x"})
    assert find_root(folder / "docs/deep") == folder
    assert mmcompose(folder / "docs/deep", "render").code == 0
    assert (folder / "compose/aa.yaml").exists()


def test_the_nearest_project_is_taken(tmp_path: Path) -> None:
    outer = project(tmp_path, {"aa": CHAT})
    inner = project(tmp_path / "inner", {"bb": CHAT})
    assert find_root(inner / "profiles") == inner
    assert find_root(outer / "profiles") == outer


def test_a_folder_without_a_project_gets_a_next_step(tmp_path: Path) -> None:
    with pytest.raises(NoProject, match=r"no mmcompose\.yaml in .* or above; `mmcompose init` makes one"):
        find_root(tmp_path)
    assert mmcompose(tmp_path, "render").code == 2
    (tmp_path / "mmcompose.yaml").mkdir()
    assert mmcompose(tmp_path, "render").code == 2


def test_a_folder_that_is_not_there_is_reported(tmp_path: Path) -> None:
    assert mmcompose(tmp_path / "nowhere", "validate") == (2, "", f"error: {tmp_path}/nowhere is not a folder\n")


def test_a_project_s_own_files_win_over_the_shipped_ones(tmp_path: Path) -> None:
    mine = "machine: {accelerator: cpu, memory: 4g, cores: 3, uid: 7, gid: 8}\n"
    folder = project(tmp_path, {"aa": CHAT, "profiles/hosts/cpu.yaml": mine})
    inputs = gather(folder)
    assert inputs.files["profiles/hosts/cpu.yaml"] == mine.encode()
    assert inputs.own == {"mmcompose.yaml", "profiles/aa.yaml", "profiles/hosts/cpu.yaml"}
    assert "profiles/backends/llamacpp.yaml" in inputs.files
    assert "profiles/ocr.yaml" not in inputs.files  # profiles are a person's own
    assert mmcompose(folder, "render").code == 0
    assert 'user: "7:8"' in (folder / "compose/aa.yaml").read_text(encoding="utf-8")


def test_hidden_files_and_files_of_other_kinds_are_not_inputs(tmp_path: Path) -> None:
    others = {"profiles/.aa.yaml": "x", "profiles/notes.md": "x", "profiles/old/bb.yaml": "x", "templates/.git/x": "x"}
    folder = project(tmp_path, {"aa": CHAT, **others})
    assert gather(folder).own == {"mmcompose.yaml", "profiles/aa.yaml"}


def test_what_cannot_be_read_is_a_problem_of_its_own_and_of_nobody_else(tmp_path: Path) -> None:
    folder = project(tmp_path, {"aa": CHAT, "cc": "extends: bb\n"})
    (folder / "profiles/bb.yaml").mkdir()
    (folder / "profiles/dd.yaml").symlink_to("nowhere")
    answer = mmcompose(folder, "validate")
    assert answer.code == 2
    assert answer.err.splitlines() == [
        "profiles/bb.yaml:1:1: cannot be read: Is a directory",
        "profiles/dd.yaml:1:1: cannot be read: No such file or directory",
        "2 problems in 2 files",
    ]


def test_a_project_without_profiles_renders_an_empty_root(tmp_path: Path) -> None:
    folder = project(tmp_path, {})
    assert mmcompose(folder, "render").code == 0


@pytest.mark.parametrize("name", ["a b", "ü", "a\nb", "-x"])
def test_a_file_with_an_odd_name_is_a_problem_and_no_crash(tmp_path: Path, name: str) -> None:
    folder = project(tmp_path, {"aa": CHAT, f"profiles/{name}.yaml": CHAT})
    answer = program(folder, "validate")
    assert answer.code == 2
    assert "cannot be the name of a profile" in answer.err


@pytest.mark.parametrize("style", ["text", "json", "github", "sarif"])
def test_a_file_whose_name_is_no_text_is_a_problem_in_every_format(tmp_path: Path, style: str) -> None:
    folder = project(tmp_path, {"aa": CHAT})
    (folder / "profiles" / os.fsdecode(b"\xff.yaml")).write_text(CHAT, encoding="utf-8")
    answer = program(folder, "validate", "--format", style)
    assert answer.code == 2
    assert "cannot be the name of a profile" in answer.err + answer.out


def test_a_pipe_or_an_endless_file_does_not_hold_a_render_up(tmp_path: Path) -> None:
    folder = project(tmp_path, {"aa": CHAT})
    (folder / "profiles/bb.yaml").symlink_to("/dev/zero")
    os.mkfifo(folder / "profiles/cc.yaml")
    answer = mmcompose(folder, "validate")
    assert answer.code == 2
    assert "profiles/bb.yaml:1:1: cannot be read: it leads to /dev/zero, outside the project" in answer.err
    assert "profiles/cc.yaml:1:1: the file is empty" in answer.err


def test_a_hidden_file_beside_the_backends_names_no_folder_of_services(tmp_path: Path) -> None:
    """Its name would lead out of `services/`, and take the whole project for the image of a backend."""
    folder = project(tmp_path, {"aa": CHAT, "profiles/backends/...yaml": "title: x\n", "notes/private.txt": "mine"})
    assert not [path for path in gather(folder).files if ".." in path or "private" in path]
