"""Finds files where Compose or a build of an image would pick them up, whoever put them there."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from itertools import chain
from pathlib import Path

from mmcompose.files.gather import lock as locks
from mmcompose.files.reading import start_of
from mmcompose.files.write.artifacts import INTENT
from mmcompose.model import Problem, Project
from mmcompose.model.paths import PRIVATE

_OURS = (locks.NAME, INTENT)


def beside(root: Path, written: Collection[str], project: Project) -> list[Problem]:
    """Files that no render writes and that change what Compose or an image build does."""
    from mmcompose.core.check.beside import DOTENV, LONGEST, judge

    found = {
        path: start_of(f"{root}/{path}", LONGEST + 1) if path.endswith(DOTENV) else b""
        for path in _found(root, project)
    }
    return judge(found, {*written, *_OURS}, project.allow_files)


def _found(root: Path, project: Project) -> Iterator[str]:
    from mmcompose.core.check.beside import DOTENV, KEPT_BY_COMPOSE

    for place in root.iterdir():
        if place.name == DOTENV or place.name.lower() in KEPT_BY_COMPOSE:
            yield place.name
    yield f"{PRIVATE}/{DOTENV}"
    walks = (os.walk(f"{root}/{folder}") for folder in project.rendered_to)
    for base, folders, names in chain.from_iterable(walks):
        relative = base[len(str(root)) + 1 :].replace(os.sep, "/")
        # A link to a folder is listed among the folders, and nothing below it is.
        links = [name for name in folders if Path(base, name).is_symlink()]
        yield from (f"{relative}/{name}" for name in (*names, *links))
