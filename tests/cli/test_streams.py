"""Streams that nobody reads, that are full, or that are not there at all."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.disk import CHAT, mmcompose, project

M = f"{sys.executable} -m mmcompose"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A rendered project, which no test here changes."""
    made = project(tmp_path_factory.mktemp("streams"), {"chat": CHAT})
    assert mmcompose(made, "render").code == 0
    return made


def shell(folder: Path, line: str, **environment: str) -> tuple[int, str]:
    """The exit code of `mmcompose …` as a shell runs it, and what came on standard error."""
    done = subprocess.run(
        ["bash", "-c", line],
        cwd=folder,
        env={**os.environ, "DOCKER_HOST": "unix:///nowhere.sock", **environment},
        capture_output=True,
        check=False,
    )
    printed = done.stderr.decode()
    assert "Traceback" not in printed
    assert "Exception ignored" not in printed
    return done.returncode, printed


@pytest.mark.parametrize(
    ("arguments", "coding"),
    [
        *((arguments, "utf-8") for arguments in ("validate --format json", "schema profile", "--help")),
        ("list", "ascii"),
        ("explain chat", "latin-1"),
    ],
)
def test_a_reader_that_has_gone_is_no_failure_of_what_only_prints(folder: Path, arguments: str, coding: str) -> None:
    line = f"{M} {arguments} | true; exit ${{PIPESTATUS[0]}}"
    assert shell(folder, line, PYTHONIOENCODING=coding) == (0, "")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ("up chat 2>&1 | true", 4),
        ("up chat 2>&- | true", 4),
        ("up chat --format json >/dev/full 2>&1", 4),
        ("up nosuch 2>&1 | true", 2),
        ("up --nonsense 2>&1 | true", 2),
    ],
)
def test_a_command_that_does_something_keeps_its_exit_code(folder: Path, arguments: str, code: int) -> None:
    assert shell(folder, f"{M} {arguments}; exit ${{PIPESTATUS[0]}}")[0] == code


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full disk here to write to")
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_full_disk_is_one_message(folder: Path, unbuffered: str) -> None:
    code, printed = shell(folder, f"{M} list >/dev/full", PYTHONUNBUFFERED=unbuffered)
    assert (code, printed) == (4, "error: standard output cannot be written: No space left on device\n")
    assert shell(folder, f"{M} list 2>/dev/full", PYTHONUNBUFFERED=unbuffered)[0] == 0


@pytest.mark.parametrize(
    ("arguments", "code"),
    [("list >&-", 0), ("list <&- >&- 2>&-", 0), ("up chat <&-", 4), ("up chat 2>&-", 4), ("up chat <&- >&- 2>&-", 4)],
)
def test_a_stream_that_is_not_there_is_missed_by_nobody(folder: Path, arguments: str, code: int) -> None:
    assert shell(folder, f"{M} {arguments}")[0] == code


@pytest.mark.parametrize("arguments", ["list", "render", "up chat"])
def test_a_folder_that_is_gone_is_one_message(folder: Path, arguments: str) -> None:
    code, printed = shell(folder, f"mkdir gone; cd gone; rmdir ../gone; {M} {arguments}", PYTHONPATH=str(_root()))
    assert (code, printed) == (2, "error: the present folder is gone: cd into an existing one\n")


def _root() -> Path:
    return Path(__file__).parents[2]
