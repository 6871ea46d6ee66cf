"""The same bytes on every machine: nothing of where, when, by whom or in which order reaches an artifact."""

from __future__ import annotations

import os
import shutil
import time
from typing import TYPE_CHECKING

import pytest

from mmcompose.core.pipeline import Compilation
from tests.disk import mmcompose, outputs, program
from tests.making import ROOT, compilation, problems, shipped_sources

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The shipped project, not rendered."""
    place = tmp_path / "project"
    shutil.copytree(ROOT / "profiles", place / "profiles")
    shutil.copy(ROOT / "mmcompose.yaml", place)
    return place


@pytest.fixture(scope="module")
def wanted(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What the shipped project renders to, here and now."""
    place = tmp_path_factory.mktemp("wanted")
    shutil.copytree(ROOT / "profiles", place / "profiles")
    shutil.copy(ROOT / "mmcompose.yaml", place)
    assert mmcompose(place, "render").code == 0
    return outputs(place)


ODD = {
    "HOSTNAME": "elsewhere",
    "USER": "nobody",
    "HOME": "/nonexistent",
    "TZ": "Pacific/Kiritimati",
    "COMPOSE_PROJECT_NAME": "other",
    "COMPOSE_FILE": "other.yaml",
    "MMCOMPOSE_HOST": "gpu-8x",
    "CUDA_VISIBLE_DEVICES": "7",
    "NO_COLOR": "1",
    "COLUMNS": "20",
    "SOURCE_DATE_EPOCH": "0",
}


@pytest.mark.parametrize(
    "environment",
    [
        {"PYTHONHASHSEED": "1", "LC_ALL": "C", **ODD},
        {"PYTHONHASHSEED": "4242", "LC_ALL": "tr_TR.UTF-8", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"},
    ],
    ids=["odd variables", "odd locale"],
)
def test_neither_variables_nor_locale_nor_the_seed_of_hashes_change_a_byte(
    folder: Path, wanted: dict[str, bytes], environment: dict[str, str]
) -> None:
    answer = program(folder, "render", **environment)
    assert answer.code == 0, answer.err
    assert outputs(folder) == wanted


def test_the_working_folder_and_the_place_of_the_project_do_not_change_a_byte(
    folder: Path, wanted: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved = tmp_path / "another place" / "with ünusual $names"
    shutil.move(folder, moved)
    monkeypatch.chdir("/")
    assert mmcompose(moved / "profiles", "render").code == 0
    assert outputs(moved) == wanted


def test_the_umask_changes_rights_and_no_byte(folder: Path, wanted: dict[str, bytes]) -> None:
    before = os.umask(0o077)
    try:
        assert mmcompose(folder, "render").code == 0
    finally:
        os.umask(before)
    assert outputs(folder) == wanted


@pytest.mark.parametrize("seconds", [0, 2**33], ids=["1970", "2242"])
def test_the_clock_does_not_change_a_byte(
    folder: Path, wanted: dict[str, bytes], monkeypatch: pytest.MonkeyPatch, seconds: int
) -> None:
    now = time.gmtime(seconds)
    monkeypatch.setattr(time, "time", lambda: float(seconds))
    monkeypatch.setattr(time, "time_ns", lambda: seconds * 10**9)
    monkeypatch.setattr(time, "strftime", lambda form, at=now: time.asctime(at) if not form else f"{at.tm_year}-01-01")
    assert mmcompose(folder, "render").code == 0
    assert outputs(folder) == wanted


def test_the_age_and_the_order_of_files_do_not_change_a_byte(
    folder: Path, wanted: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    for place in folder.rglob("*.yaml"):
        os.utime(place, (0, 0))
    listed, walked = os.listdir, os.walk
    monkeypatch.setattr(os, "listdir", lambda path: sorted(listed(path), reverse=True))
    monkeypatch.setattr(os, "walk", lambda top: ((b, f.sort(reverse=True) or f, n[::-1]) for b, f, n in walked(top)))
    assert mmcompose(folder, "render").code == 0
    assert outputs(folder) == wanted


def test_the_order_of_sources_does_not_change_a_byte() -> None:
    files = {path.relative_to(ROOT).as_posix(): path.read_bytes() for path in (ROOT / "profiles").glob("*.yaml")}
    forward, backward = compilation(files), compilation(dict(reversed(files.items())))
    given = backward.given
    backward = Compilation(type(given)(tuple(reversed(given.sources)), given.schemas, given.histories))
    assert problems(forward) == problems(backward)
    assert forward.artifacts() == backward.artifacts()
    assert len(shipped_sources()) > 10


def test_no_artifact_names_this_machine_or_this_version(wanted: dict[str, bytes]) -> None:
    from mmcompose import __version__

    for path, data in wanted.items():
        assert str(ROOT).encode() not in data, path
        if path.endswith(".yaml"):
            assert f"mmcompose {__version__}".encode() not in data, path
