"""What a killed session left on an engine is gone in the next one, and what others use stays."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.making import ROOT

if TYPE_CHECKING:
    from tests.bed.project import Project

pytestmark = pytest.mark.docker

COMPOSE = """
services:
  sleeper:
    image: {image}
    command: [sleep, "600"]
    init: true
    volumes: [kept:/kept]
volumes:
  kept:
"""
KINDS = ("container", "network", "volume")
KILLED = f"""
import os
from pathlib import Path

COMPOSE = {COMPOSE!r}
KINDS = {KINDS!r}

def test_that_is_killed(compose_project, base_image):
    compose_project.write(COMPOSE.format(image=base_image))
    compose_project.compose("up", "--detach")
    found = [str(len(compose_project.owned(kind))) for kind in KINDS]
    Path("left").write_text(" ".join([compose_project.name, str(compose_project.folder), *found]))
    os.kill(os.getpid(), 9)
"""
NEXT = "def test_that_follows(docker): pass\n"


def session(folder: Path, name: str, test: str) -> int:
    (folder / name).write_text(test)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.bed.fixtures", "--rootdir", str(folder), name]
    return subprocess.run(command, cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False).returncode


@pytest.mark.heavy
def test_what_a_killed_session_left_is_removed_by_the_next_one_and_what_others_use_is_not(
    compose_project: Project, base_image: str, tmp_path: Path
) -> None:
    compose_project.write(COMPOSE.format(image=base_image))
    compose_project.compose("up", "--detach")
    mine = [compose_project.owned(kind) for kind in KINDS]
    assert session(tmp_path, "test_killed.py", KILLED) == -9
    name, folder, *left = (tmp_path / "left").read_text().split()
    assert left == ["1", "1", "1"]
    assert session(tmp_path, "test_next.py", NEXT) == 0
    theirs = replace(compose_project, name=name)
    assert [theirs.owned(kind) for kind in KINDS] == [[], [], []]
    assert not Path(folder).exists()
    assert [compose_project.owned(kind) for kind in KINDS] == mine
