"""A small project on the disk, and the program run on it: inside this process, or as people run it."""

from __future__ import annotations

import os
import sys
from textwrap import dedent
from typing import TYPE_CHECKING, NamedTuple

from click.testing import CliRunner

from mmcompose.cli.main import main
from mmcompose.model.failure import Failure
from tests import forked
from tests.making import SETTINGS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

CHAT = "model: qwen-small\nhost: cpu\nports: {api: auto}\n"
PROGRAM = [sys.executable, "-c", "from mmcompose.cli.main import run; run()"]


class Answer(NamedTuple):
    code: int
    out: str
    err: str


def project(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    """A project of these files, with minimal settings; profiles may be named alone."""
    for path, text in {"mmcompose.yaml": SETTINGS, **files}.items():
        place = folder / (path if "." in path else f"profiles/{path}.yaml")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(text if isinstance(text, bytes) else dedent(text).encode())
    return folder


def mmcompose(folder: Path, *arguments: str) -> Answer:
    """In this process, which is quick. Anything that is no expected failure is raised."""
    result = CliRunner().invoke(main, ["-C", str(folder), *arguments], standalone_mode=False)
    if isinstance(result.exception, Failure):
        return Answer(result.exception.code, result.stdout, f"{result.stderr}error: {result.exception.message}\n")
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Answer(result.exit_code, result.stdout, result.stderr)


def program(folder: Path, *arguments: str, **environment: str) -> Answer:
    """In a process of its own, as people run it."""
    plain = {"PATH": "/usr/bin:/bin", "XDG_STATE_HOME": os.environ["XDG_STATE_HOME"]}
    result = forked.run(arguments, folder, {**plain, **environment})
    assert "Traceback" not in result.err, result.err
    return Answer(*result)


def outputs(folder: Path) -> dict[str, bytes]:
    """Everything that a render wrote, whatever its name."""
    places = [folder / "compose.yaml", *(folder / "compose").rglob("*")]
    return {place.relative_to(folder).as_posix(): place.read_bytes() for place in places if place.is_file()}
