"""Makes the folders of results: the user of a benchmark's container must be able to write there, with and without
us."""

from __future__ import annotations

import os
import re
from datetime import datetime
from pathlib import Path

from mmcompose.files.fence import Fence
from mmcompose.model.paths import RESULTS


def prepare(results: Path, kind: str, user: str) -> None:
    """Makes the folder of one kind. `user` is UID:GID, as the rendered service sets it; empty for any user.

    Folders that root makes belong to that user: Compose alone runs the same service as them, and could not write there.
    """
    new = not results.is_dir()
    make(results / kind, user)
    if new:
        (results / ".gitkeep").touch()  # it keeps its place in git when it is empty


def make(folder: Path, user: str | None = None) -> None:
    """Makes a folder. `user` None: for the owner of the folder above."""
    _within(folder)
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    if missing and user is None:
        user = owner(missing[-1].parent)
    folder.mkdir(parents=True, exist_ok=True)
    uid, _, gid = (user or "").partition(":")
    if uid.isdigit() and gid.isdigit() and hasattr(os, "geteuid") and os.geteuid() == 0:
        for each in missing:
            os.chown(each, int(uid), int(gid))


def _within(folder: Path) -> None:
    """Raises OSError if the results of a project would be written outside it."""
    depth = len(Path(RESULTS).parts)
    for results in (folder, *folder.parents):
        if results.as_posix().endswith(f"/{RESULTS}"):
            path = f"{RESULTS}/{folder.relative_to(results).as_posix()}".removesuffix("/.")
            Fence(results.parents[depth - 1]).guard(path)


def name_of(moment: datetime, subject: str, token: str) -> str:
    """The name of one run's folder, of any kind."""
    slug = re.sub(r"[^a-z0-9._]+", "-", subject.lower()).strip("-.")[:40] or "run"
    return f"{moment:%Y%m%dT%H%M%SZ}-{slug}-{token}"


def owner(folder: Path) -> str:
    """The owner of a folder, who also owns the files written there."""
    status = folder.stat()
    return f"{status.st_uid}:{status.st_gid}"
