"""Containers that were made from the files of an earlier release stay recognised, and their volumes are kept."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.bed.project import Project

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.bed.engine import Engine

pytestmark = pytest.mark.docker
NAME = "mm-upgrade"
CONTAINER, VOLUME = f"{NAME}-desk", f"{NAME}-desk-memory"


@pytest.fixture
def started(old: Path, docker: Engine, python_image: str) -> Iterator[Project]:
    """The desk, up from the old files by plain Compose, with something in its volume."""
    project = Project(docker, NAME, old)
    project.remove()
    project.compose("--profile", "desk", "up", "--detach", "--wait")
    docker.docker("exec", CONTAINER, "sh", "-c", "echo kept > /memory/note")
    yield project
    project.remove()


def mmcompose(project: Project, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "mmcompose", *arguments],
        env=project.engine.environment(),
        cwd=project.folder,
        check=False,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_old_containers_are_seen_taken_over_and_taken_down_and_their_volume_stays(started: Project) -> None:
    assert "desk" in mmcompose(started, "status")
    mmcompose(started, "render")
    assert "desk" in mmcompose(started, "status")
    mmcompose(started, "up", "desk", "--timeout", "200")
    assert started.engine.docker("exec", CONTAINER, "cat", "/memory/note").strip() == "kept"
    mmcompose(started, "down", "desk")
    assert started.owned("container") == []
    assert started.owned("volume") == [VOLUME]


@pytest.mark.heavy
def test_old_containers_are_taken_down_without_a_render(started: Project) -> None:
    mmcompose(started, "down", "desk")
    assert started.owned("container") == []
    assert started.owned("volume") == [VOLUME]
