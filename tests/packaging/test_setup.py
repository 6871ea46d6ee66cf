"""`make setup` says what is wrong in one line, and repairs what a kill left behind."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.architecture.house import ROOT
from tools.environment import UNFINISHED, cause_of, moved

if TYPE_CHECKING:
    from pathlib import Path

HERE = json.dumps({"folder": "/here", "python": "3.11", "inputs": "new"})


@pytest.mark.parametrize(
    ("output", "meaning"),
    [
        ("WARNING: Retrying ... Failed to establish a new connection: [Errno -3]", "cannot be reached"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE", "differs from what requirements"),
        ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", "disk is full"),
        ("ERROR: No matching distribution found for uvloop==0.23.0", "no uvloop==0.23.0 for this Python"),
        ("Collecting x\nERROR: something nobody foresaw\n", "something nobody foresaw"),
        ("", "pip failed"),
    ],
)
def test_the_report_of_pip_becomes_one_sentence(output: str, meaning: str) -> None:
    sentence = cause_of(output)
    assert meaning in sentence
    assert "\n" not in sentence
    assert "setup.log" in sentence


@pytest.mark.parametrize(
    ("before", "anew"),
    [
        ("", False),
        (json.dumps({"folder": "/here", "python": "3.11", "inputs": "old"}), False),
        (json.dumps({"folder": "/there", "python": "3.11", "inputs": "new"}), True),
        (json.dumps({"folder": "/here", "python": "3.12", "inputs": "new"}), True),
        (UNFINISHED, True),
        ("[]", True),
        ('{"folder": "/he', True),
    ],
)
def test_an_environment_starts_anew_when_its_paths_or_its_python_changed(before: str, anew: bool) -> None:
    assert moved(before, HERE) is anew


def test_the_first_file_that_runs_is_readable_to_an_old_python() -> None:
    source = (ROOT / "tools" / "setup.py").read_text(encoding="utf-8")
    compiled = [sys.executable, "-c", "import ast, sys; ast.parse(sys.stdin.read(), feature_version=(3, 6))"]
    subprocess.run(compiled, input=source, text=True, check=True)
    assert "from __future__" not in source


@pytest.mark.heavy
def test_a_fresh_clone_with_an_empty_home_gets_its_environment_and_then_has_nothing_to_do(tmp_path: Path) -> None:
    subprocess.run(["git", "clone", "--quiet", ROOT, tmp_path / "a clone"], check=True)
    make = ["make", "setup", f"PYTHON={sys.executable}"]
    environment = {"HOME": str(tmp_path / "nobody"), "PATH": "/usr/local/bin:/usr/bin:/bin"}
    first, second = (
        subprocess.run(make, cwd=tmp_path / "a clone", env=environment, capture_output=True, text=True, check=True)
        for _ in range(2)
    )
    assert ".venv is ready" in first.stdout
    assert second.stdout == ""
    assert (tmp_path / "a clone" / ".venv" / "bin" / "mmcompose").exists()
