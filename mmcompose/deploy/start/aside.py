"""Keeps files beside the project in `.mmcompose/`, which is never committed: files of overridden starts, and logs of
failures.

The folder mirrors compose/ at the same depth, so that every relative path in a file has the same meaning in both.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from mmcompose.deploy.docker.engine import Files
from mmcompose.files import private
from mmcompose.files.fence import Fence
from mmcompose.files.write.one_writer import one_writer
from mmcompose.model.failure import Failure
from mmcompose.model.paths import PRIVATE
from mmcompose.model.targets import BUILD, COMPOSE, CONFIG


def committed(root: Path, project: str, profile: str) -> Files:
    return _files(root / COMPOSE.name, project, profile)


def overridden(root: Path, project: str, profile: str, texts: Mapping[str, str]) -> Files:
    """Writes a profile's files with the values of the command line, and returns what Compose must use. Raises
    OSError."""
    # Those of other profiles may be in use as another command line wanted them.
    kept = {keep(root, path, text) for path, text in _own(texts, profile)}
    for folder in {*(root / PRIVATE / BUILD).glob("*"), root / PRIVATE / CONFIG / profile}:
        _sweep(root, folder, kept)
    return _files(root / PRIVATE, project, profile)


@contextmanager
def writing() -> Iterator[None]:
    """Turns a refusal of the disk into a failure."""
    try:
        yield
    except OSError as error:
        raise Failure(f"{PRIVATE}/ cannot be written: {error.strerror or error}", 4) from error


def context(root: Path, name: str, texts: Mapping[str, str]) -> Path:
    """A build folder with exactly these files. Raises OSError."""
    folder = root / PRIVATE / BUILD / name
    _sweep(root, folder, {keep(root, f"{BUILD}/{name}/{path}", text) for path, text in texts.items()})
    return folder


def _sweep(root: Path, folder: Path, kept: set[Path]) -> None:
    """Removes files that were not written just now: an image or a container would include them.

    Raises OSError if the folder is a link to another place: its files are not ours to remove.
    """
    Fence(root).guard(folder.relative_to(root).as_posix())
    for base, folders, names in os.walk(folder):
        links = [name for name in folders if Path(base, name).is_symlink()]
        for place in (Path(base, name) for name in (*names, *links)):
            if place not in kept:
                place.unlink()


def found(root: Path, project: str, profile: str, texts: Mapping[str, str]) -> Files | None:
    """The same files, if they lie there with the same content; else None."""
    there = all(private.holds(root / PRIVATE / path, text) for path, text in _own(texts, profile))
    return _files(root / PRIVATE, project, profile) if there else None


def keep(root: Path, path: str, text: str) -> Path:
    """Keeps files. Raises OSError."""
    with one_writer(root):
        return private.write(root, path, text)


def keep_log(root: Path, name: str, lines: Iterable[str]) -> Path:
    """Keeps the log of a failure for people to read. Raises OSError."""
    return keep(root, f"logs/{name}.log", "".join(f"{line}\n" for line in lines))


def _own(texts: Mapping[str, str], profile: str) -> Iterator[tuple[str, str]]:
    """The files of compose/ that this profile needs, by the paths inside that folder."""
    return ((COMPOSE.inside(path), text) for path, text in texts.items() if COMPOSE.belongs(path, profile))


def _files(folder: Path, project: str, profile: str) -> Files:
    return Files(project, profile, folder, tuple(folder / path for path in COMPOSE.files_of(profile)))
