"""The image of mmcompose itself, built as the release builds it: it checks and renders a project that is mounted."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from mmcompose import __version__
from tests.bed import images
from tests.bed.commands import BedError
from tests.making import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.bed.engine import Engine

TAG = "mmcompose-bed/mmcompose:test"
EXAMPLE = ROOT / "examples" / "02-cpu-only"


@pytest.fixture(scope="module")
def image(docker: Engine, python_image: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The wheel, the lock and the Dockerfile, and nothing else of the checkout: what .dockerignore lets through."""
    context = tmp_path_factory.mktemp("image")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(context / "dist")]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (context / "requirements").mkdir()
    shutil.copy(ROOT / "requirements" / "core.lock", context / "requirements")
    shutil.copy(ROOT / "packaging" / "Dockerfile", context)
    images.build(context, TAG, engine=docker)
    yield TAG
    docker.docker("image", "rm", TAG)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of an example, which belongs to whoever runs the image."""
    folder = tmp_path / "project"
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("compose*", ".mmcompose"))
    folder.chmod(0o777)
    return folder


def run(docker: Engine, image: str, project: Path, *arguments: str) -> str:
    locked = ("--rm", "--network", "none", "--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL")
    owner = ("--user", f"{os.getuid() or 65532}:{os.getgid() or 65532}")
    return docker.docker("run", *locked, *owner, "--volume", f"{project}:/project", image, *arguments)


@pytest.mark.docker
def test_it_renders_and_checks_a_project_as_any_user_without_a_network(
    docker: Engine, image: str, project: Path
) -> None:
    assert run(docker, image, project, "--version") == f"mmcompose {__version__}\n"
    run(docker, image, project, "render")
    run(docker, image, project, "render", "--check")
    assert (project / "compose" / "chat.yaml").exists()
    (project / "profiles" / "chat.yaml").write_text("model: qwen-smal\n")
    with pytest.raises(BedError, match=r"profiles/chat\.yaml:1:8: model: no model 'qwen-smal'"):
        run(docker, image, project, "validate")


@pytest.mark.docker
def test_it_runs_as_nobody_and_holds_no_docker_client(docker: Engine, image: str, project: Path) -> None:
    assert docker.docker("image", "inspect", "--format", "{{.Config.User}}", image).strip() == "65532:65532"
    with pytest.raises(BedError, match="docker"):
        run(docker, image, project, "status")
