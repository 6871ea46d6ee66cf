"""What comes with a commit is never believed: whoever judges the compose files renders them again and compares."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest

from mmcompose.files.gather import lock as locks
from tests.disk import CHAT, mmcompose, project
from tests.files.test_fresh import PARSERS, imported

if TYPE_CHECKING:
    from pathlib import Path

BUILT = "backend: rapidocr\nhost: cpu\nports: {api: auto}\nimage_type: build\n"
JUDGES = [
    ("render", "--check"),
    ("up", "aa"),
    ("switch", "aa"),
    ("test", "aa"),
    ("bench", "run", "aa", "sanity"),
]


@pytest.fixture
def rendered(tmp_path: Path) -> Path:
    folder = project(tmp_path / "project", {"aa": CHAT, "bb": BUILT})
    assert mmcompose(folder, "render").code == 0
    return folder


def change(folder: Path, path: str, old: str, new: str) -> None:
    place = folder / path
    text = place.read_text(encoding="utf-8")
    assert old in text
    place.write_text(text.replace(old, new), encoding="utf-8")


def relocked(folder: Path, **more: Any) -> None:
    """A lock that says of every output that it is as it should be, and of itself whatever is asked for."""
    lock = json.loads((folder / locks.NAME).read_text(encoding="utf-8"))
    lock["outputs"] = {path: locks.digest((folder / path).read_bytes()) for path in lock["outputs"]}
    (folder / locks.NAME).write_text(json.dumps({**lock, **more}, indent=1) + "\n", encoding="utf-8")


@pytest.mark.parametrize("command", JUDGES, ids=" ".join)
def test_an_edited_file_with_a_lock_that_vouches_for_it_is_found(rendered: Path, command: tuple[str, ...]) -> None:
    change(rendered, "compose/aa.yaml", "    read_only: true", "    privileged: true\n    pid: host")
    relocked(rendered)
    answer = mmcompose(rendered, *command)
    assert answer.code == 1
    assert "compose/aa.yaml: it differs from what its sources render to" in answer.err


def test_a_diff_shows_what_was_edited_in_spite_of_the_lock(rendered: Path) -> None:
    change(rendered, "compose/aa.yaml", "    read_only: true", "    privileged: true")
    relocked(rendered)
    assert "-    privileged: true" in mmcompose(rendered, "render", "--diff").out
    assert mmcompose(rendered, "render").err == "updated compose/aa.yaml\n"


def test_an_edited_build_file_with_a_lock_that_vouches_for_it_is_found(rendered: Path) -> None:
    change(rendered, "compose/build/rapidocr/Dockerfile", "FROM", "# mine\nFROM")
    relocked(rendered)
    assert mmcompose(rendered, "render", "--check").code == 1


def test_a_lock_does_not_hide_a_waiver_that_has_ended(rendered: Path) -> None:
    waiver = "security: {read_only: false}\nwaivers: [{rule: S07, reason: it writes beside, until: 2020-01-01}]\n"
    project(rendered, {"aa": CHAT + waiver})
    assert mmcompose(rendered, "render").code == 0
    relocked(rendered, until="2999-01-01")
    answer = mmcompose(rendered, "render", "--check")
    assert answer.code == 2
    assert "the waiver of S07 ended" in answer.err


@pytest.mark.parametrize("seal", ["", "the one of another lock", "a word", "a pipe", "a link"])
def test_a_lock_without_its_seal_gives_no_short_cut(rendered: Path, seal: str) -> None:
    place = rendered / ".mmcompose/lock.seal"
    former = place.read_text()
    project(rendered, {"aa": CHAT + "args: {ctx_size: 1024}\n"})
    assert mmcompose(rendered, "render").code == 0
    place.unlink()
    if seal == "a pipe":
        os.mkfifo(place)
    elif seal == "a link":
        place.symlink_to("lock.seal")
    elif seal:
        place.write_text(former if seal == "the one of another lock" else seal)
    assert imported(rendered) & PARSERS
    assert not imported(rendered) & PARSERS or seal in ("a pipe", "a link")


def test_a_seal_that_came_with_the_files_of_somebody_else_is_worth_nothing(
    rendered: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "another user's"))
    assert imported(rendered) & PARSERS
    assert not imported(rendered) & PARSERS


@pytest.mark.parametrize("fault", ["readable by others", "a link", "too short", "in the project"])
def test_a_key_that_others_may_know_is_no_key(
    rendered: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, fault: str
) -> None:
    state = (rendered if fault == "in the project" else tmp_path) / "state"
    key = state / "mmcompose/key"
    key.parent.mkdir(parents=True)
    key.touch(0o600)
    key.write_text("k" * (10 if fault == "too short" else 64))
    if fault == "readable by others":
        key.chmod(0o644)
    if fault == "a link":
        key.rename(tmp_path / "known")
        key.symlink_to(tmp_path / "known")
    monkeypatch.setenv("XDG_STATE_HOME", str(state))
    for _ in range(2):
        assert imported(rendered) & PARSERS


def test_a_home_that_takes_nothing_costs_the_short_cut_alone(rendered: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "/proc/none")
    assert mmcompose(rendered, "render") == (0, "", "up to date\n")
    assert mmcompose(rendered, "render", "--check").code == 0


def test_a_link_in_the_place_of_the_private_folder_is_not_followed(rendered: Path, tmp_path: Path) -> None:
    for place in (rendered / ".mmcompose").iterdir():
        place.unlink()
    (rendered / ".mmcompose").rmdir()
    (tmp_path / "elsewhere").mkdir()
    (rendered / ".mmcompose").symlink_to(tmp_path / "elsewhere")
    assert mmcompose(rendered, "render").code == 0
    assert not list((tmp_path / "elsewhere").iterdir())


@pytest.mark.parametrize(
    ("release", "arguments"),
    [
        ("0.0.9", "written by mmcompose 0.0.9, this is "),
        (None, "written by an mmcompose that recorded no release, this is "),
        ("\x1b[2J", "written by an mmcompose that recorded no release, this is "),
        ("the same", "written by another build of mmcompose "),
    ],
)
def test_files_of_another_release_are_reported(rendered: Path, release: str | None, arguments: str) -> None:
    lock = json.loads((rendered / locks.NAME).read_text(encoding="utf-8"))
    named = lock.pop("mmcompose")
    if release:
        lock["mmcompose"] = named if release == "the same" else release
    (rendered / locks.NAME).write_text(json.dumps({**lock, "compiler": "another"}), encoding="utf-8")
    change(rendered, "compose/aa.yaml", "    read_only: true", "    read_only: false")
    relocked(rendered)
    checked, started = mmcompose(rendered, "render", "--check"), mmcompose(rendered, "up", "aa")
    for answer in (checked, started):
        assert answer.code == 1
        assert arguments in answer.err
        assert " render`, review the difference and " in answer.err
        assert "out of date" not in answer.err
