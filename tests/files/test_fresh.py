"""The short cut of a render: when a lock written here agrees with every hash, nothing that parses is imported."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.disk import CHAT, mmcompose, project
from tests.making import ROOT, SETTINGS

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = """
import json, sys
from mmcompose.cli.main import main
try:
    main(["render", *sys.argv[1:]], standalone_mode=False)
finally:
    print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""
PARSERS = {"yaml", "jinja2", "jsonschema", "difflib"}


@pytest.fixture
def rendered(tmp_path: Path) -> Path:
    folder = project(tmp_path, {"aa": CHAT, "bb": CHAT})
    assert mmcompose(folder, "render").code == 0
    return folder


def imported(folder: Path, *arguments: str) -> set[str]:
    result = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "XDG_STATE_HOME": os.environ["XDG_STATE_HOME"]},
        check=False,
        capture_output=True,
        text=True,
    )
    return set(json.loads(result.stdout.splitlines()[-1]))


def test_nothing_that_parses_is_imported_when_nothing_has_changed(rendered: Path) -> None:
    assert imported(rendered) & PARSERS == set()


@pytest.mark.parametrize("arguments", ["--check", "--diff"])
def test_who_judges_what_is_committed_parses_everything(rendered: Path, arguments: str) -> None:
    assert imported(rendered, arguments) >= {"yaml", "jinja2"}


def test_a_check_does_not_even_import_what_only_shows_differences(rendered: Path) -> None:
    assert "difflib" not in imported(rendered, "--check")


def test_everything_is_parsed_when_the_short_cut_is_declined(rendered: Path) -> None:
    assert imported(rendered, "--no-short-cut") >= {"yaml", "jinja2"}


@pytest.mark.parametrize(
    "change",
    [
        {"profiles/aa.yaml": CHAT + "# a remark\n"},
        {"profiles/cc.yaml": CHAT},
        {"profiles/hosts/mine.yaml": "machine: {accelerator: cpu, memory: 8g, cores: 2, uid: 1, gid: 1}\n"},
        {"templates/root.yaml.j2": "name: {{ project.name }}\n"},
        {"mmcompose.yaml": SETTINGS + "# a remark\n"},
        {"compose/aa.yaml": "another\n"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_change_of_any_input_or_output_is_seen(rendered: Path, change: dict[str, str]) -> None:
    project(rendered, change)
    assert imported(rendered) & PARSERS


def test_a_file_that_goes_is_seen(rendered: Path) -> None:
    (rendered / "profiles/bb.yaml").unlink()
    assert mmcompose(rendered, "render", "--check").code == 1


def test_a_check_without_a_lock_finds_everything_to_do(tmp_path: Path) -> None:
    folder = project(tmp_path, {"aa": CHAT})
    answer = mmcompose(folder, "render", "--check")
    assert answer.code == 1
    assert "compose/aa.yaml: not there yet" in answer.err


def test_before_the_first_render_a_start_says_so_and_lists_a_build_folder_once(tmp_path: Path) -> None:
    folder = project(tmp_path, {"aa": "backend: rapidocr\nports: {api: 8001}\n"})
    answer = mmcompose(folder, "up", "aa")
    assert answer.code == 1
    assert "error: nothing is rendered yet: run `mmcompose " in answer.err
    (built,) = [line for line in answer.err.splitlines() if line.startswith("compose/build/rapidocr")]
    assert built.endswith("files): not there yet")
