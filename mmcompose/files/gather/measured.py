"""The files below a folder and their sizes, found before any of them is read."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import NamedTuple

from mmcompose.files.fence import Fence

SIZE = 64 << 20
"""Bytes of all inputs together."""
COUNT = 50_000
_DEPTH = 16


class FoundFile(NamedTuple):
    """A file to read: its path in the project, and its place with all links followed."""

    path: str
    place: str


class RefusedFile(NamedTuple):
    """A file that is not read, and the reason."""

    path: str
    reason: str


def listed(fence: Fence, folder: str, endings: tuple[str, ...]) -> Iterator[FoundFile | RefusedFile]:
    """The files of one folder with these endings."""
    for entry in _entries(fence, folder, fence.real(folder)):
        if isinstance(entry, RefusedFile):
            yield entry
        elif entry.name.endswith(endings):
            yield _one(fence, f"{folder}/{entry.name}", entry)


def below(fence: Fence, folder: str) -> Iterator[FoundFile | RefusedFile]:
    """The files of a folder and of those in it, in the order of their names."""
    return _tree(fence, folder, (fence.real(folder),))


def one(fence: Fence, path: str) -> Iterator[FoundFile | RefusedFile]:
    """A single file, if it exists."""
    if os.path.lexists(f"{fence.root}/{path}"):
        yield _followed(fence, path)


def _tree(fence: Fence, folder: str, above: tuple[str, ...]) -> Iterator[FoundFile | RefusedFile]:
    if len(above) > _DEPTH:
        yield RefusedFile(folder, f"it lies more than {_DEPTH} folders deep")
        return
    inner = []
    for entry in _entries(fence, folder, above[-1]):
        if isinstance(entry, RefusedFile):
            yield entry
        elif entry.is_dir():
            inner.append(entry)
        elif not entry.name.endswith(".pyc"):
            yield _one(fence, f"{folder}/{entry.name}", entry)
    for entry in inner:
        path = f"{folder}/{entry.name}"
        real = fence.real(path) if entry.is_symlink() else entry.path
        reason = fence.astray(path, real) if entry.is_symlink() else ""
        if reason:
            yield RefusedFile(path, reason)
        elif real not in above and not entry.name.startswith("__pycache__"):
            yield from _tree(fence, path, (*above, real))


def _entries(fence: Fence, folder: str, place: str) -> Iterator[os.DirEntry[str] | RefusedFile]:
    """The visible entries of a folder, sorted; empty if there is no such folder. `place`: all its links followed."""
    if not os.path.isdir(place):
        return
    if reason := fence.astray(folder, place):
        yield RefusedFile(folder, reason)
        return
    try:
        with os.scandir(place) as found:
            entries = [entry for _, entry in zip(range(COUNT + 1), found, strict=False)]
    except OSError:
        return
    if len(entries) > COUNT:
        yield RefusedFile(folder, f"it holds more than {COUNT:,} files")
        return
    yield from sorted((entry for entry in entries if entry.name[:1] != "."), key=lambda entry: entry.name)


def _one(fence: Fence, path: str, entry: os.DirEntry[str]) -> FoundFile | RefusedFile:
    return _followed(fence, path) if entry.is_symlink() else FoundFile(path, entry.path)


def _followed(fence: Fence, path: str) -> FoundFile | RefusedFile:
    real = fence.real(path)
    reason = fence.astray(path, real)
    return RefusedFile(path, reason) if reason else FoundFile(path, real)


def fitting(found: list[FoundFile]) -> Iterator[FoundFile | RefusedFile]:
    """All files within the limits; the largest are refused until the others fit."""
    if len(found) > COUNT:
        yield RefusedFile(found[0].path, f"it is one of {len(found):,} files; mmcompose reads {COUNT:,} at most")
        return
    sizes = {each.path: _size(each.place) for each in found}
    over = sum(sizes.values()) - SIZE
    refused = set()
    for path in sorted(sizes, key=lambda path: (-sizes[path], path)):
        if over <= 0:
            break
        refused.add(path)
        over -= sizes[path]
    for each in found:
        if each.path in refused:
            from mmcompose.core.sizes import spoken

            size = spoken(sizes[each.path])
            yield RefusedFile(each.path, f"it is {size}; all that is read may be {spoken(SIZE)} together")
        else:
            yield each


def _size(place: str) -> int:
    try:
        return os.stat(place).st_size
    except OSError:
        return 0
