"""A repository as caches on this machine know it: for a host without network, and for moving a cache.

The name of each blob is the hash of its content, so what lies there proves itself; only whether all files are there
has to be concluded, from the indexes of weights in several files.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from mmfetch.request import COMMIT, Listing, Request, Wanted, inside
from mmfetch.store.digest import begun, feed, is_name

_PIECE = re.compile(r"(?P<stem>.+)-(?P<number>\d{5})-of-(?P<count>\d{5})(?P<end>\.[a-z]+)")
MOST_INDEX = 64 << 20


class Local(NamedTuple):
    """What caches know of a request."""

    listing: Listing
    missing: tuple[str, ...]
    """Files that others of the same repository need, and that no cache has."""


def found(request: Request, folders: Iterable[Path], commit: str = "") -> Local | None:
    """The wanted files at a revision, from the first folder that knows its commit and from all others."""
    folders = list(folders)
    commit = commit or next((known for folder in folders if (known := _commit(folder, request.revision))), "")
    files: dict[str, Wanted] = {}
    for folder in folders if commit else ():
        for path, pointer in _pointers(folder / "snapshots" / commit):
            if path not in files and request.wants(path) and (wanted := _wanted(path, pointer, folders)):
                files[path] = wanted
    if not files:
        return None
    indexes = {path: _where(files[path], folders) for path in files if path.endswith(".index.json")}
    needed = {path for path in _needed(files, indexes) if request.wants(path)}
    listing = Listing(commit, tuple(files[path] for path in sorted(files)))
    return Local(listing, tuple(sorted(needed - files.keys())))


def _commit(folder: Path, revision: str) -> str:
    if COMMIT.fullmatch(revision):
        return revision if (folder / "snapshots" / revision).is_dir() else ""
    try:
        text = (folder / "refs" / revision).read_text().strip()
    except (OSError, ValueError):
        return ""
    return text if COMMIT.fullmatch(text) else ""


def _pointers(snapshot: Path) -> Iterable[tuple[str, Path]]:
    for folder, _, names in os.walk(snapshot):
        for name in names:
            path = Path(folder) / name
            relative = path.relative_to(snapshot).as_posix()
            if inside(relative):
                yield relative, path


def _wanted(path: str, pointer: Path, folders: Iterable[Path]) -> Wanted | None:
    """A file by its pointer, which a cache may still have when its blob has moved to another."""
    if not pointer.is_symlink():
        # Disks without links hold the file itself; its hash is not known yet.
        size = pointer.stat().st_size
        digest = begun("0" * 64, size)
        feed(pointer, digest)
        return Wanted(path, size, digest.hexdigest())
    blob = os.path.basename(os.readlink(pointer))
    if not is_name(blob):
        return None
    for folder in folders:
        place = folder / "blobs" / blob
        # Newer clients share blobs between repositories of one cache; nothing outside of the cache is read.
        if place.is_file() and place.resolve().is_relative_to(folder.parent.resolve()):
            return Wanted(path, place.stat().st_size, blob)
    return None


def _where(wanted: Wanted, folders: Iterable[Path]) -> Path:
    places = [folder / "blobs" / wanted.blob for folder in folders]
    return next((place for place in places if place.is_file()), places[0])


def _needed(paths: Iterable[str], indexes: Mapping[str, Path]) -> set[str]:
    needed: set[str] = set()
    for path, place in indexes.items():
        folder = path.rpartition("/")[0]
        needed |= {f"{folder}/{name}" if folder else name for name in _weights_of(place)}
    for path in paths:
        if piece := _PIECE.fullmatch(path):
            count = int(piece["count"])
            needed |= {
                f"{piece['stem']}-{number:05}-of-{piece['count']}{piece['end']}" for number in range(1, count + 1)
            }
    return needed


def _weights_of(index: Path) -> set[str]:
    try:
        if index.stat().st_size > MOST_INDEX:
            return set()
        names = json.loads(index.read_bytes())["weight_map"].values()
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return set()
    return {name for name in names if isinstance(name, str) and inside(name)}
