"""Real files in real folders: what they are, whose, and what git thinks of them."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from mmcompose.deploy.doctor import look_files
from mmcompose.deploy.doctor.facts import FileSeen

if TYPE_CHECKING:
    from pathlib import Path


def test_files_folders_and_what_is_missing(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("abc")
    (tmp_path / "key").chmod(0o640)
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to("loop")
    seen = look_files.files(tmp_path, ["key", "gone", "pipe", "key/inside", "loop", "nul\0byte"], ["."])
    assert (seen["key"].kind, seen["key"].mode, seen["key"].size) == ("file", 0o640, 3)
    assert [seen[name].kind for name in ("gone", "pipe", "key/inside")] == ["missing", "other", "missing"]
    assert [seen[name].kind for name in ("loop", "nul\0byte")] == ["unseen", "unseen"]
    assert seen["."].kind == "folder"


def test_what_lies_in_a_folder_and_where_its_links_lead(tmp_path: Path) -> None:
    model = tmp_path / "model"
    (model / "deep").mkdir(parents=True)
    (model / "deep/weights").write_text("w")
    (model / "deep/weights").chmod(0o600)
    (tmp_path / "blob").write_text("b")
    (model / "out").symlink_to("../blob")
    (model / "in").symlink_to("deep/weights")
    inside = {entry.path: entry for entry in look_files.one(tmp_path, "model").inside}
    assert set(inside) == {"deep", "deep/weights", "out"}
    assert inside["deep"].folder
    assert inside["deep/weights"].mode == 0o600
    assert inside["out"].leads_out


@pytest.mark.parametrize(("number", "more"), [(9, False), (10, False), (30, True)])
def test_a_folder_of_many_files_is_looked_at_in_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, more: bool
) -> None:
    monkeypatch.setattr(look_files, "_MOST", 10)
    for name in range(number):
        (tmp_path / f"{name}").touch()
    seen = look_files.one(tmp_path, ".")
    assert (len(seen.inside), seen.more) == (min(number, 10), more)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    def git(*arguments: str) -> None:
        subprocess.run(
            ["git", "-c", "user.name=t", "-c", "user.email=t@example.org", *arguments], cwd=tmp_path, check=True
        )

    git("init", "--quiet")
    (tmp_path / "secrets").mkdir()
    for name in ("secrets/kept", "secrets/ignored", "open"):
        (tmp_path / name).write_text("x")
    (tmp_path / ".gitignore").write_text("/secrets/\n")
    git("add", "--force", "secrets/kept")
    return tmp_path


def test_git_tells_what_it_tracks_and_ignores(repository: Path) -> None:
    seen = look_files.files(repository, ["secrets/kept", "secrets/ignored", "open", "/etc/hostname", "../x"], [])
    assert {path: (one.tracked, one.ignored) for path, one in seen.items()} == {
        "secrets/kept": (True, False),
        "secrets/ignored": (False, True),
        "open": (False, False),
        "/etc/hostname": (False, None),
        "../x": (False, None),
    }


def test_without_a_repository_nothing_is_reported_of_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "key").write_text("abc")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    seen = look_files.files(tmp_path, ["key"], [])["key"]
    assert isinstance(seen, FileSeen)
    assert (seen.tracked, seen.ignored) == (False, None)
