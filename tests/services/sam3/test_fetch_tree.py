"""SAM 3's source is taken only when its files are those of the commit, however the archive was packed."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from tests.services.conftest import SERVICES

if TYPE_CHECKING:
    from pathlib import Path

HERE = SERVICES / "sam3"


def module() -> Any:
    found = importlib.util.spec_from_file_location("fetch_tree", HERE / "fetch_tree.py")
    assert found
    assert found.loader
    made = importlib.util.module_from_spec(found)
    found.loader.exec_module(made)
    return made


fetch_tree = module()


def git(folder: Path, *arguments: str) -> bytes:
    apart = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    author = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    return subprocess.run(["git", "-C", folder, *author, *arguments], check=True, capture_output=True, env=apart).stdout


@pytest.fixture
def commit(tmp_path: Path) -> Path:
    """Files in the order in which git and a plain sort differ, a program, a link, an empty file."""
    folder = tmp_path / "repository"
    for path in ("pyproject.toml", "sam3/model.py", "sam3.txt", "sam3-more/deep/er/file", "empty"):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text("" if path == "empty" else f"{path}\n")
    (folder / "run.sh").write_text("#!/bin/sh\n")
    (folder / "run.sh").chmod(0o755)
    (folder / "link").symlink_to("sam3/model.py")
    git(folder, "init", "--quiet")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message", "all")
    return folder


def packed(commit: Path) -> bytes:
    return git(commit, "archive", "--format=tar.gz", "--prefix=sam3-99d02f2/", "HEAD")


def tree(commit: Path) -> str:
    return git(commit, "rev-parse", "HEAD^{tree}").decode().strip()


def test_the_files_of_the_commit_are_unpacked(commit: Path, tmp_path: Path) -> None:
    fetch_tree.unpack(packed(commit), tree(commit), tmp_path / "out")
    assert (tmp_path / "out/sam3/model.py").read_text() == "sam3/model.py\n"
    assert os.access(tmp_path / "out/run.sh", os.X_OK)


def test_an_archive_with_one_other_byte_is_refused_and_nothing_is_unpacked(commit: Path, tmp_path: Path) -> None:
    before = tree(commit)
    (commit / "sam3/model.py").write_text("import evil\n")
    git(commit, "commit", "--quiet", "--all", "--message", "changed")
    with pytest.raises(fetch_tree.TreeError, match=f"holds other files than the commit: .* instead of {before}"):
        fetch_tree.unpack(packed(commit), before, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_the_dockerfile_names_commit_and_tree() -> None:
    text = (HERE / "Dockerfile").read_text()
    assert re.search(r"^ARG SAM3_COMMIT=[0-9a-f]{40}$", text, re.MULTILINE)
    assert re.search(r"^ARG SAM3_TREE=[0-9a-f]{40}$", text, re.MULTILINE)
