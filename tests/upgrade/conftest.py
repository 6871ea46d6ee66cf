"""The projects of earlier releases, each a copy that a test may change."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

PROJECTS = Path(__file__).parent / "projects"


@pytest.fixture(params=sorted(place.name for place in PROJECTS.iterdir() if place.is_dir()))
def release(request: pytest.FixtureRequest) -> str:
    """Which release made it; one folder of `projects/` each."""
    return str(request.param)


@pytest.fixture
def old(release: str, tmp_path: Path) -> Path:
    """The project as that release left it."""
    tmp_path.chmod(0o755)
    return Path(shutil.copytree(PROJECTS / release, tmp_path / "mm-upgrade"))
