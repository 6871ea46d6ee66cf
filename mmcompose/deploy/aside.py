"""`.mmcompose/`: what is kept beside the project and never committed. Files of overridden starts, and logs of failures.

The folder mirrors compose/ and stands as deep, so that every relative path in a file means the same in both.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from mmcompose.deploy.engine import Files

NAME = ".mmcompose"


def committed(root: Path, project: str, profile: str) -> Files:
    return _files(root / "compose", project, profile)


def overridden(root: Path, project: str, profile: str, texts: Mapping[str, str]) -> Files:
    """Write a profile's files as the command line wants them, and tell Compose to take these."""
    for path, text in texts.items():
        keep(root, path.removeprefix("compose/"), text)
    return _files(root / NAME, project, profile)


def keep(root: Path, path: str, text: str) -> Path:
    place = root / NAME / path
    place.parent.mkdir(parents=True, exist_ok=True)
    ignored = root / NAME / ".gitignore"
    if not ignored.exists():
        ignored.write_text("*\n", "utf-8")
    place.write_bytes(text.encode("utf-8", "surrogateescape"))
    return place


def _files(folder: Path, project: str, profile: str) -> Files:
    return Files(project, profile, folder, (folder / f"{profile}.yaml", folder / "profiles" / f"{profile}.yaml"))
