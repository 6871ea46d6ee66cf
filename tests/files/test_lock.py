"""The lock: what it holds, and what is said of one that is broken."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from mmcompose.files.gather import lock as locks
from tests.disk import CHAT, mmcompose, outputs, program, project

EMPTY = b'{"compiler": "", "inputs": {}, "outputs": {}, "seats": {}, "until": ""}'
JUNK = [
    b"",
    b"{",
    b"null",
    b"[]",
    b"5",
    b"{}",
    b"\xff\xfe",
    b"[" * 100_000,
    EMPTY.replace(b'"inputs": {}', b'"inputs": 5'),
    EMPTY.replace(b'"seats": {}', b'"seats": 5'),
    EMPTY.replace(b'"outputs": {}', b'"outputs": {"compose/aa.yaml": 5}'),
    EMPTY.replace(b'"outputs": {}', b'"outputs": {"compose/aa.yaml": []}'),
    EMPTY.replace(b'"outputs": {}', b'"outputs": {"../mine.txt": "x"}'),
    EMPTY.replace(b'"outputs": {}', b'"outputs": {"compose/../mine.txt": "x"}'),
    EMPTY.replace(b'"outputs": {}', b'"outputs": {"/etc/passwd": "x"}'),
    *(
        EMPTY.replace(b'"outputs": {}', b'"outputs": {"compose/%s": "x"}' % name)
        for name in (b"", b".", b"a/./b", b"a//b", b"\\u0000", b"\\ud800", b"x" * 256)
    ),
    EMPTY.replace(b'"seats": {}', b'"seats": {"aa": {"aa": {"gpus": [], "ports": {"api": Infinity}}}}'),
    EMPTY.replace(b'"seats": {}', b'"seats": {"aa": 5}'),
    EMPTY.replace(b'"seats": {}', b'"seats": {"aa": {"aa": {}}}'),
    EMPTY.replace(b'"seats": {}', b'"seats": {"aa": {"aa": {"gpus": 5, "ports": {}}}}'),
    EMPTY.replace(b'"seats": {}', b'"seats": {"aa": {"aa": {"gpus": ["x"], "ports": {}}}}'),
    EMPTY.replace(b'"seats": {}', b'"seats": {"aa": {"aa": {"gpus": [], "ports": {"api": "x"}}}}'),
    b"<<<<<<< HEAD\n{}\n=======\n{}\n>>>>>>> other\n",
]
REPAIR = "is not a lock: restore it from git, or delete it and render again (ports and GPUs are then given out afresh)"


@pytest.fixture
def rendered(tmp_path: Path) -> Path:
    folder = project(
        tmp_path, {"aa": CHAT, "bb": CHAT.replace("cpu", "gpu-12gb") + "gpu: {count: 1, share: shared, vram: 2g}\n"}
    )
    assert mmcompose(folder, "render").code == 0
    return folder


def content(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / locks.NAME).read_text(encoding="utf-8"))
    return found


def test_a_lock_holds_the_hash_of_every_input_and_output_and_every_seat(rendered: Path) -> None:
    lock = content(rendered)
    assert {path for path in lock["inputs"] if not path.startswith("mmcompose:")} == {
        "mmcompose.yaml",
        "profiles/aa.yaml",
        "profiles/bb.yaml",
    }
    assert set(lock["outputs"]) == set(outputs(rendered)) - {locks.NAME}
    assert lock["seats"] == {
        "aa": {"aa": {"gpus": [], "ports": {"api": 8100}}},
        "bb": {"bb": {"gpus": [0], "ports": {"api": 8100}}},
    }
    for path, known in lock["outputs"].items():
        assert known == locks.digest((rendered / path).read_bytes())


def test_a_lock_has_one_line_for_each_file_so_that_merges_touch_only_what_changed(rendered: Path) -> None:
    lines = (rendered / locks.NAME).read_text(encoding="utf-8").splitlines()
    assert sum('"compose/aa.yaml": ' in line for line in lines) == 1
    assert max(map(len, lines)) < 160


def test_a_lock_that_is_written_reads_back_as_itself(rendered: Path) -> None:
    assert locks.text(locks.read(rendered)) == (rendered / locks.NAME).read_text(encoding="utf-8")


def test_no_lock_is_an_empty_one(tmp_path: Path) -> None:
    assert locks.read(tmp_path) == locks.Lock()


@pytest.mark.parametrize("command", ["render", "validate"])
def test_a_broken_lock_is_reported_with_the_way_out_and_nothing_is_written(rendered: Path, command: str) -> None:
    for data in JUNK:
        (rendered / locks.NAME).write_bytes(data)
        before = outputs(rendered)
        assert mmcompose(rendered, command) == (2, "", f"error: {locks.NAME} {REPAIR}\n"), data
        assert outputs(rendered) == before
    (rendered / locks.NAME).unlink()
    assert mmcompose(rendered, command).code == 0


def test_a_lock_that_is_a_folder_is_reported(rendered: Path) -> None:
    (rendered / locks.NAME).unlink()
    (rendered / locks.NAME).mkdir()
    assert mmcompose(rendered, "render") == (2, "", f"error: {locks.NAME} cannot be read: Is a directory\n")


def test_a_lock_of_another_compiler_means_that_everything_is_rendered_again(rendered: Path) -> None:
    lock = content(rendered)
    (rendered / locks.NAME).write_text(json.dumps({**lock, "compiler": "another"}), encoding="utf-8")
    assert mmcompose(rendered, "render").err == "up to date\n"
    assert content(rendered) == lock


def test_files_of_a_target_that_this_release_lacks_stay_and_the_seats_too(rendered: Path) -> None:
    lock = content(rendered)
    lock["outputs"]["nomad/aa.hcl"] = "0" * 64
    lock["seats"]["aa"]["aa"]["ports"]["api"] = 8107
    (rendered / locks.NAME).write_text(json.dumps(lock), encoding="utf-8")
    (rendered / "nomad").mkdir()
    (rendered / "nomad/aa.hcl").write_text("job")
    assert mmcompose(rendered, "render").code == 0
    assert content(rendered)["seats"] == lock["seats"]
    assert (rendered / "nomad/aa.hcl").read_text() == "job"


def test_files_whose_names_are_no_text_are_hashed_like_the_others(rendered: Path) -> None:
    odd = bytes(rendered) + b"/templates/\xff.txt"
    (rendered / "templates").mkdir()
    Path(os.fsdecode(odd)).write_bytes(b"x")
    assert program(rendered, "render").code == 0
    assert program(rendered, "render") == (0, "", "up to date\n")


def test_a_change_of_the_files_that_ship_is_noticed(rendered: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inputs = locks.of_inputs
    monkeypatch.setattr(locks, "of_inputs", lambda given: {**inputs(given), "mmcompose:": "another"})
    assert mmcompose(rendered, "render").err == "up to date\n"
    assert content(rendered)["inputs"]["mmcompose:"] == "another"
