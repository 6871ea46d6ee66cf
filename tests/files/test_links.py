"""Links in a project: inside they are fine, out of it they are refused by name, whether read, written or removed."""

from __future__ import annotations

import hashlib
import json
import os
from typing import TYPE_CHECKING

import pytest

from mmcompose.files import whole
from tests.disk import CHAT, mmcompose, project
from tests.making import ROOT

if TYPE_CHECKING:
    from pathlib import Path

DOCKERFILE = (ROOT / "services/rapidocr/Dockerfile").read_bytes()
OCR: dict[str, str | bytes] = {
    "profiles/ocr.yaml": "backend: rapidocr\nhost: cpu\nports: {api: auto}\n",
    "templates/rapidocr/service.yaml.j2": (ROOT / "templates/rapidocr/service.yaml.j2").read_bytes(),
    "services/rapidocr/note.txt": "mine",
}


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    folder = tmp_path / "outside"
    folder.mkdir()
    (folder / "secret.yaml").write_text("token: word\n", encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    "link",
    ["profiles/bb.yaml", "profiles/hosts/bb.yaml", "services/rapidocr/note.txt", "benchmarks/receipts", "profiles"],
)
def test_an_input_that_leads_out_of_the_project_is_refused_and_not_shown(
    tmp_path: Path, outside: Path, link: str
) -> None:
    folder = project(tmp_path / "p", {} if link == "profiles" else {"aa": CHAT})
    (folder / link).parent.mkdir(parents=True, exist_ok=True)
    (folder / link).symlink_to(outside if "." not in link else outside / "secret.yaml")
    for command in (["validate"], ["render"], ["render", "--diff"]):
        answer = mmcompose(folder, *command)
        assert answer.code == 2
        assert f"{link}:1:1: cannot be read: it leads to {outside}" in answer.err
        assert "token" not in answer.err + answer.out
    assert not (folder / "compose").exists()


def test_a_link_to_another_place_inside_is_fine(tmp_path: Path) -> None:
    folder = project(tmp_path, {"aa": CHAT, "kept/bb.yaml": CHAT, "kept/own/cpu.yaml": "x"})
    (folder / "profiles/bb.yaml").symlink_to("../kept/bb.yaml")
    assert mmcompose(folder, "render").code == 0
    assert (folder / "compose/bb.yaml").exists()


def test_an_output_folder_that_is_a_link_is_refused_until_it_is_allowed(tmp_path: Path, outside: Path) -> None:
    folder = project(tmp_path / "p", {"aa": CHAT})
    (folder / "compose").symlink_to("../outside")
    answer = mmcompose(folder, "render")
    assert answer.code == 2
    assert "compose:1:1: cannot be read: it is a link to ../outside; make it a folder, or allow it in" in answer.err
    assert sorted(place.name for place in outside.iterdir()) == ["secret.yaml"]
    with (folder / "mmcompose.yaml").open("a", encoding="utf-8") as settings:
        settings.write("allow_links: [{path: compose, reason: it lies on the large disk}]\n")
    assert mmcompose(folder, "render").code == 0
    assert (outside / "aa.yaml").exists()
    assert mmcompose(folder, "render").err == "up to date\n"


def test_results_that_are_a_link_are_refused_until_they_are_allowed(tmp_path: Path, outside: Path) -> None:
    folder = project(tmp_path / "p", {"aa": CHAT})
    (folder / "benchmarks").mkdir()
    (folder / "benchmarks/results").symlink_to(outside)
    assert "benchmarks/results:1:1: cannot be read: it is a link to" in mmcompose(folder, "validate").err
    with (folder / "mmcompose.yaml").open("a", encoding="utf-8") as settings:
        settings.write("allow_links: [{path: benchmarks/results, reason: it lies on the large disk}]\n")
    assert mmcompose(folder, "validate").code == 0


def test_a_folder_below_compose_that_leads_out_is_not_written_to(tmp_path: Path, outside: Path) -> None:
    folder = project(tmp_path / "p", {"ocr": OCR["profiles/ocr.yaml"]})
    (folder / "compose/build").mkdir(parents=True)
    (folder / "compose/build/rapidocr").symlink_to(outside)
    answer = mmcompose(folder, "render")
    assert answer.code == 4
    assert f"compose/build/rapidocr: it leads to {outside}" in answer.err
    assert sorted(place.name for place in outside.iterdir()) == ["secret.yaml"]


def test_a_link_in_the_place_of_a_passing_file_is_put_away_and_never_written_through(
    tmp_path: Path, outside: Path
) -> None:
    folder = project(tmp_path / "p", OCR)
    (folder / "compose/build/rapidocr").mkdir(parents=True)
    (folder / f"compose/build/rapidocr/Dockerfile{whole.PASSING}").symlink_to(outside / "secret.yaml")
    assert mmcompose(folder, "render").code == 0
    assert (outside / "secret.yaml").read_text(encoding="utf-8") == "token: word\n"
    assert (folder / "compose/build/rapidocr/Dockerfile").read_bytes() == DOCKERFILE


def test_a_file_of_an_earlier_render_that_now_leads_out_is_not_removed(tmp_path: Path, outside: Path) -> None:
    folder = project(tmp_path / "p", {"aa": CHAT})
    assert mmcompose(folder, "render").code == 0
    (folder / "compose/x").symlink_to(outside)
    lock = json.loads((folder / "compose/mmcompose.lock").read_text(encoding="utf-8"))
    lock["outputs"]["compose/x/secret.yaml"] = hashlib.sha256(b"token: word\n").hexdigest()
    (folder / "compose/mmcompose.lock").write_text(json.dumps(lock), encoding="utf-8")
    (folder / "profiles/aa.yaml").write_text(CHAT + "restart: 'no'\n", encoding="utf-8")
    answer = mmcompose(folder, "render")
    assert answer.code == 4
    assert f"compose/x: it leads to {outside}" in answer.err
    assert (outside / "secret.yaml").exists()


def test_a_whole_disk_in_the_place_of_a_folder_ends_at_once(tmp_path: Path) -> None:
    folder = project(tmp_path, {"aa": CHAT})
    (folder / "benchmarks").mkdir()
    (folder / "benchmarks/receipts").symlink_to("/")
    answer = mmcompose(folder, "validate")
    assert answer.code == 2
    assert "benchmarks/receipts:1:1: cannot be read: it leads to /, outside the project" in answer.err


def test_what_is_too_much_together_is_reported_by_the_name_of_the_largest(tmp_path: Path) -> None:
    folder = project(tmp_path, {"aa": CHAT, "benchmarks/receipts/a.png": "x"})
    (folder / "benchmarks/Dockerfile").touch()
    with (folder / "benchmarks/receipts/huge.bin").open("wb") as file:
        os.truncate(file.fileno(), 3 << 30)
    answer = mmcompose(folder, "validate")
    assert answer.code == 2
    assert answer.err.splitlines() == [
        "benchmarks/receipts/huge.bin:1:1: cannot be read: it is 3 GiB; all that is read may be 64 MiB together",
        "1 problem in 1 file",
    ]


def test_folders_without_end_are_reported_by_name(tmp_path: Path) -> None:
    folder = project(tmp_path, {"aa": CHAT})
    (folder / "/".join(["templates", *["x"] * 30])).mkdir(parents=True)
    answer = mmcompose(folder, "validate")
    assert answer.code == 2
    assert "it lies more than 16 folders deep" in answer.err


def test_a_link_to_the_folder_above_it_is_no_endless_walk(tmp_path: Path) -> None:
    folder = project(tmp_path, OCR)
    (folder / "services/rapidocr/again").symlink_to(".")
    assert mmcompose(folder, "render").code == 0
    assert not (folder / "compose/build/rapidocr/again/again").exists()


@pytest.mark.parametrize("target", ["../../.git", "../../profiles"])
def test_a_folder_below_compose_that_leads_to_another_place_inside_is_not_written_to(
    tmp_path: Path, target: str
) -> None:
    """A file named `commondir` in `.git` would tell git to read another configuration, and so to run what that says."""
    folder = project(tmp_path, {**OCR, ".git/config.worktree": "x\n"})
    (folder / "services/rapidocr/commondir").write_text("../elsewhere\n", encoding="utf-8")
    (folder / "compose/build").mkdir(parents=True)
    (folder / "compose/build/rapidocr").symlink_to(target)
    answer = mmcompose(folder, "render", "--force")
    assert answer.code == 4
    assert "compose/build/rapidocr: it leads to" in answer.err
    assert "files written here must stay in compose/; remove the link" in answer.err
    assert not list(folder.glob("*/commondir"))


def test_a_file_of_an_earlier_render_that_now_leads_to_a_source_is_not_removed(tmp_path: Path) -> None:
    folder = project(tmp_path, {"aa": CHAT})
    assert mmcompose(folder, "render").code == 0
    (folder / "compose/x").symlink_to("../profiles")
    lock = json.loads((folder / "compose/mmcompose.lock").read_text(encoding="utf-8"))
    lock["outputs"]["compose/x/aa.yaml"] = hashlib.sha256((folder / "profiles/aa.yaml").read_bytes()).hexdigest()
    (folder / "compose/mmcompose.lock").write_text(json.dumps(lock), encoding="utf-8")
    assert mmcompose(folder, "render").code == 4
    assert (folder / "profiles/aa.yaml").exists()


def test_what_is_kept_beside_the_project_is_never_kept_in_git(tmp_path: Path) -> None:
    folder = project(tmp_path, {"aa": CHAT, ".git/config.worktree": "x\n"})
    (folder / ".mmcompose").symlink_to(".git")
    assert mmcompose(folder, "render").code == 0
    assert [place.name for place in (folder / ".git").iterdir()] == ["config.worktree"]


def test_former_content_is_not_kept_through_a_link_that_a_commit_brought(tmp_path: Path) -> None:
    folder = project(tmp_path, {**OCR, ".git/config.worktree": "x\n"})
    (folder / "services/rapidocr/commondir").write_text("new\n", encoding="utf-8")
    assert mmcompose(folder, "render").code == 0
    (folder / "compose/mmcompose.lock").unlink()
    (folder / "compose/build/rapidocr/commondir").write_text("../elsewhere\n", encoding="utf-8")
    (folder / ".mmcompose/replaced/compose/build").mkdir(parents=True)
    (folder / ".mmcompose/replaced/compose/build/rapidocr").symlink_to("../../../../.git")
    answer = mmcompose(folder, "render")
    assert answer.code == 4
    assert "files written here must stay in .mmcompose/" in answer.err
    assert not (folder / ".git/commondir").exists()
