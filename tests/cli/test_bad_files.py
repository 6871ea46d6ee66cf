"""Files that are named on the command line and cannot be read or written: a message and an exit code, no traceback."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.disk import CHAT, PROGRAM, mmcompose, program, project
from tests.making import ROOT

HELP = ROOT / "tests/engines/samples/help-argparse.txt"
LEARN = ("engines", "learn", "vllm==0.34.0", "--engine", "vllm", "--help-text")


@pytest.mark.parametrize(
    ("place", "printed"),
    [
        ("missing/x.json", "missing/x.json cannot be written: No such file or directory"),
        ("file/x.json", "file/x.json cannot be written: Not a directory"),
        ("/dev/full", "/dev/full cannot be written: No space left on device"),
    ],
)
def test_a_history_that_cannot_be_written_is_reported(tmp_path: Path, place: str, printed: str) -> None:
    (tmp_path / "file").touch()
    answer = program(tmp_path, *LEARN, str(HELP), "-o", place)
    assert (answer.code, answer.err.splitlines()[-1]) == (4, f"error: {printed}")


@pytest.mark.parametrize(
    ("content", "printed"),
    [
        (b"--caf\xe9 X", "help.txt cannot be read: it is not UTF-8 text"),
        (b"", "this is not a help text"),
        (None, "help.txt"),
    ],
    ids=["latin-1", "empty", "a folder"],
)
def test_a_help_text_that_is_none_is_reported(tmp_path: Path, content: bytes | None, printed: str) -> None:
    place = tmp_path / "help.txt"
    place.mkdir() if content is None else place.write_bytes(content)
    answer = program(tmp_path, *LEARN, "help.txt")
    assert (answer.code, printed in answer.err) == (2, True), answer.err


@pytest.mark.parametrize("arguments", [("engines", "list"), ("schema", "profile"), ("--help",), ("list",)])
def test_an_answer_on_a_full_disk_is_reported(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    project(tmp_path, {"chat": CHAT})
    with Path("/dev/full").open("wb") as full:
        run = subprocess.run(
            [*PROGRAM, *arguments],
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
            check=False,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert (run.returncode, run.stderr) == (4, "error: standard output cannot be written: No space left on device\n")


def test_a_value_that_is_no_text_is_reported(tmp_path: Path) -> None:
    project(tmp_path, {"chat": CHAT})
    answer = mmcompose(tmp_path, "validate", "--set", "args.alias=\udcff")
    assert (answer.code, answer.err) == (2, "error: --set: 'args.alias=\\udcff' is not UTF-8 text\n")
