"""The paths of the store. Its root is a cache of the hub's client; plain files and our own notes lie beside."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from mmfetch.failures import WRONG, Failure, of_system
from mmfetch.request import Repository, Request

NOTES = ".mmcompose"


class Store:
    """One folder that holds everything."""

    def __init__(self, root: str) -> None:
        self.root = Path(root)
        self._real = os.path.realpath(root)

    def of(self, repository: Repository) -> Path:
        """The folder of a repository."""
        return self.root / repository.folder

    def blob(self, repository: Repository, name: str) -> Path:
        """A content by its hash."""
        return self.of(repository) / "blobs" / name

    def snapshot(self, repository: Repository, commit: str) -> Path:
        """The folder that looks like the repository at a commit."""
        return self.of(repository) / "snapshots" / commit

    def ref(self, repository: Repository, revision: str) -> Path:
        """The file that names the commit of a branch."""
        return self.of(repository) / "refs" / revision

    def plain(self, request: Request) -> Path:
        """The folder of plain files, for engines that want a path."""
        top = "files" if request.repository.kind == "model" else f"files/{request.repository.kind}s"
        return self.root / top / request.repository.name / request.revision

    def stamp(self, key: str) -> Path:
        """The note that all files of a request are whole."""
        return self.root / NOTES / "stamps" / f"{key}.json"

    def partial(self, owner: str) -> Path:
        """The folder of files that have not arrived whole."""
        return self.root / NOTES / "partial" / owner

    def lock(self, owner: str) -> Path:
        """The file that one run after the other holds."""
        return self.root / NOTES / f"lock-{owner}"

    def room_for(self, path: Path) -> Path:
        """The same path, its folder made; refused where a link would lead out of the store."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except FileExistsError:
            raise Failure(WRONG, f"{path.parent} is a file, and has to be a folder", "move it away") from None
        except OSError as error:
            raise of_system(error, str(self.root)) from error
        real = os.path.realpath(path.parent)
        if real != self._real and not real.startswith(self._real + os.sep):
            raise Failure(WRONG, f"{path.parent} leads to {real}, out of the store", "remove that link")
        return path


def write(path: Path, text: str) -> None:
    """A small file, there as a whole or not at all."""
    half = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        half.write_text(text)
        half.replace(path)
    except OSError as error:
        raise of_system(error, str(path.parent)) from error


def point(path: Path, target: Path) -> None:
    """A relative link, as the hub's client makes them: the store can be mounted anywhere."""
    text = os.path.relpath(target, path.parent)
    with contextlib.suppress(OSError):
        if os.readlink(path) == text:
            return
    _replace(path, lambda half: os.symlink(text, half))


def same_file(path: Path, target: Path) -> None:
    """A second name of a file: no byte lies there twice. Where a disk has no such names, a relative link."""
    with contextlib.suppress(OSError):
        if path.samefile(target):
            return

    def link(half: str) -> None:
        try:
            os.link(target, half)
        except OSError:
            os.symlink(os.path.relpath(target, path.parent), half)

    _replace(path, link)


def _replace(path: Path, make: object) -> None:
    half = f"{path.parent}/.{path.name[:200]}.{os.getpid()}"
    with contextlib.suppress(FileNotFoundError):
        os.unlink(half)
    try:
        make(half)  # type: ignore[operator]
        os.replace(half, path)
    except OSError as error:
        raise of_system(error, str(path.parent)) from error
