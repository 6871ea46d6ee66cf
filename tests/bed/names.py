"""Names of a session's own on an engine, and the end of what a session left there that was killed.

Each name is noted with the process that took it. Several sessions may work on one engine, also from several checkouts:
what carries the name of a process that lives is never touched.
"""

from __future__ import annotations

import json
import os
import shutil
import uuid
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.bed import place, processes
from tests.bed.project import Project

if TYPE_CHECKING:
    from tests.bed.engine import Engine

BOOT = Path("/proc/sys/kernel/random/boot_id")


def new() -> str:
    return f"t{uuid.uuid4().hex[:8]}"


def note(project: Project) -> Project:
    """Write down whose it is, before anything on the engine carries its name."""
    record = _record(project)
    half = record.with_name(f".{record.name}-{uuid.uuid4().hex}")  # several threads may note one project
    noted = {"process": _process(os.getpid()), "docker": _docker(), "folder": str(project.folder)}
    half.write_text(json.dumps(noted))
    half.rename(record)
    return project


def end(project: Project) -> None:
    """Remove all that carries its name, its folder and the note."""
    project.remove()
    shutil.rmtree(project.folder, ignore_errors=True)
    _record(project).unlink(missing_ok=True)


def clear(engine: Engine) -> None:
    """End the projects on this engine whose processes are gone."""
    with place.only_one(f"names-{engine.name}"):
        for record in place.folder("names", engine.name).glob("t*"):
            with suppress(FileNotFoundError):  # its owner has just ended it
                noted = json.loads(record.read_text())
                gone = _process(noted["process"]["pid"]) != noted["process"]
                if gone and noted["docker"] == _docker():
                    end(Project(engine, record.name, Path(noted["folder"])))


def _record(project: Project) -> Path:
    return place.folder("names", project.engine.name) / project.name


def _process(pid: int) -> dict[str, Any]:
    """What no other process has: numbers are given again, after a start of the machine even at the same tick."""
    return {"pid": pid, "begun": processes.begun(pid), "boot": BOOT.read_text().strip()}


def _docker() -> str:
    """Which Docker the first engine is."""
    return os.environ.get("DOCKER_HOST", "")
