"""Looks at the files that containers get: their kind, their owners and readers, and whether git tracks them."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from mmcompose.deploy.docker.command import ask
from mmcompose.deploy.doctor.facts import FileSeen, FolderEntry, Kind

_MOST = 2000
"""The most entries to look at in one folder; models are few large files."""


def files(root: Path, secrets: Iterable[str], sources: Iterable[str]) -> dict[str, FileSeen]:
    kept = sorted(set(secrets))
    ours = [path for path in kept if _inside(path)]
    tracked, ignored = _in_git(root, ours)
    judged = set(ours) if ignored is not None else set()
    found = {
        path: one(root, path, path in tracked, path in (ignored or ()) if path in judged else None) for path in kept
    }
    return {**{path: one(root, path) for path in sources}, **found}


def one(root: Path, path: str, tracked: bool = False, ignored: bool | None = None) -> FileSeen:
    place = root / path
    try:
        seen = place.stat()
    except (FileNotFoundError, NotADirectoryError):
        return FileSeen("missing", ignored=ignored)
    except (OSError, ValueError):
        return FileSeen("unseen", ignored=ignored)
    folder = stat.S_ISDIR(seen.st_mode)
    kind: Kind = "folder" if folder else "file" if stat.S_ISREG(seen.st_mode) else "other"
    entries = list(_entries(place)) if folder else []
    return FileSeen(
        kind,
        seen.st_uid,
        seen.st_gid,
        stat.S_IMODE(seen.st_mode),
        seen.st_size,
        tracked,
        ignored,
        tuple(entries[:_MOST]),
        len(entries) > _MOST,
    )


def _entries(top: Path) -> Iterator[FolderEntry]:
    """The entries of a folder: at most one more than is kept, so that the caller knows of the rest."""
    count = 0
    whole = top.resolve()
    for folder, folders, names in os.walk(top):
        for name in sorted([*folders, *names]):
            place = Path(folder, name)
            entry = _entry(place, place.relative_to(top).as_posix(), whole)
            if entry is None:
                continue
            yield entry
            count += 1
            if count > _MOST:
                return


def _entry(place: Path, shown: str, whole: Path) -> FolderEntry | None:
    try:
        seen = place.lstat()
        if stat.S_ISLNK(seen.st_mode):
            out = not place.resolve().is_relative_to(whole)
            return FolderEntry(shown, seen.st_uid, seen.st_gid, 0o777, leads_out=True) if out else None
    except (OSError, RuntimeError):
        return None
    return FolderEntry(shown, seen.st_uid, seen.st_gid, stat.S_IMODE(seen.st_mode), stat.S_ISDIR(seen.st_mode))


def _inside(path: str) -> bool:
    """Whether git could know the path."""
    return "\0" not in path and not Path(path).is_absolute() and ".." not in Path(path).parts


def _in_git(root: Path, paths: list[str]) -> tuple[set[str], set[str] | None]:
    """The paths that git tracks, and those that it ignores; None if there is no repository."""
    if not paths:
        return set(), None
    tracked = ask("git", "ls-files", "-z", "--", *paths, cwd=root)
    if not tracked.fine:
        return set(), None
    ignored = ask("git", "check-ignore", "-z", "--stdin", cwd=root, given="\0".join(paths))
    return _split(tracked.out), _split(ignored.out) if ignored.code in (0, 1) else None


def _split(text: str) -> set[str]:
    return {path for path in text.split("\0") if path}
