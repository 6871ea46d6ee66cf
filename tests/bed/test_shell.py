"""The line that a shell evaluates: it gives what is lacking, and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bed import shell


@pytest.fixture(autouse=True)
def _bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DOCKER_HOST", "DOCKER_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MMCOMPOSE_BED", str(tmp_path / "bed"))
    monkeypatch.setenv("PATH", os.defpath)


def test_a_shell_without_mmcompose_is_given_it(tmp_path: Path) -> None:
    requested = f"{shell.line()}; command -v mmcompose"
    clean = {"PATH": os.defpath, "HOME": str(tmp_path)}
    printed = subprocess.run(["sh", "-c", requested], env=clean, capture_output=True, text=True, check=True).stdout
    assert printed.strip() == str(Path(sys.executable).with_name("mmcompose"))


def test_the_line_is_empty_where_nothing_is_lacking(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent))
    assert shell.line() == ""
