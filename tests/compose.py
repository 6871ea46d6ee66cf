"""Real Docker Compose, which reads files without an Engine."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping

BESIDE = Path(sys.executable).parent / "docker-compose"


def program() -> list[str]:
    """The Compose that the development dependencies bring, else the one of this machine."""
    if BESIDE.exists():
        return [str(BESIDE)]
    found = shutil.which("docker-compose")
    if found is None:
        pytest.skip("no docker-compose here")
    return [found]


def compose(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Compose in a folder, with nothing of this machine's own settings."""
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "TAG": "a trap for $TAG", "HOSTILE": "a trap"}
    return subprocess.run(
        [*program(), *arguments], cwd=folder, env=environment, check=False, capture_output=True, text=True
    )


def read(folder: Path, *arguments: str) -> Any:
    """What Compose understood, as data. It doubles dollar signs again when it prints: that is undone."""
    result = compose(folder, *arguments, "config", "--format", "json", "--no-path-resolution")
    assert result.returncode == 0, result.stderr
    assert "variable is not set" not in result.stderr
    return undoubled(json.loads(result.stdout))


def undoubled(data: Any) -> Any:
    if isinstance(data, dict):
        return {name: undoubled(value) for name, value in data.items()}
    if isinstance(data, list):
        return [undoubled(value) for value in data]
    return data.replace("$$", "$") if isinstance(data, str) else data


def write(folder: Path, texts: Mapping[str, str]) -> None:
    for path, text in texts.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(text.encode())
