"""Artifacts onto the disk: decide first, act second. Whole files, only what changed, never over somebody's edits."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from mmcompose.files import lock as locks
from mmcompose.files import whole
from mmcompose.files.fence import OUTPUTS, Fence
from mmcompose.files.lock import Lock

Kind = Literal["create", "update", "same", "orphan", "edited", "foreign"]
INTENT = "compose/.mmcompose-intent"


@dataclass(frozen=True, slots=True)
class Change:
    """One file: what would happen to it and why. `old` and `new` are its texts, None where there is none."""

    path: str
    kind: Kind
    cause: str
    old: str | None
    new: str | None


class Refused(Exception):  # noqa: N818 - a message for the reader
    """Something on the disk stands in the way."""


def plan(root: Path, artifacts: Mapping[str, str], lock: Lock, kept: Collection[str] = ()) -> list[Change]:
    """What must happen so that the disk holds `artifacts` and what is `kept`. `edited` and `foreign` need force."""
    ours = _ours(root, lock)
    _fenced(root, {*artifacts, *ours, locks.NAME, INTENT})
    changes = [_change(root, path, text, ours.get(path, set())) for path, text in sorted(artifacts.items())]
    for path in sorted(set(ours) - set(artifacts) - set(kept)):
        old = _text(root / path)
        if old is not None:
            mine = locks.digest_of(old) in ours[path]
            cause = (
                "no profile makes it any more" if mine else "no profile makes it any more, and it was edited by hand"
            )
            changes.append(Change(path, "orphan" if mine else "edited", cause, old, None))
    return changes


def _fenced(root: Path, paths: Collection[str]) -> None:
    """Nothing is read, written or removed through a link that leaves the project."""
    fence = Fence(root)
    for folder in sorted({path.rpartition("/")[0] for path in paths}):
        reason = fence.tied(folder) if folder in OUTPUTS else fence.astray(folder)
        if reason:
            raise Refused(f"{folder}: {reason}")
    for path in sorted(paths):
        if Path(root, path).is_symlink() and (reason := fence.astray(path)):
            raise Refused(f"{path}: {reason}")


def _change(root: Path, path: str, text: str, ours: set[str]) -> Change:
    old = _text(root / path)
    if old is None:
        return Change(path, "create", "not there yet", None, text)
    if old == text:
        return Change(path, "same", "", old, text)
    if not ours:
        return Change(path, "foreign", "not made by mmcompose", old, text)
    if locks.digest_of(old) not in ours:
        return Change(path, "edited", "edited by hand", old, text)
    return Change(path, "update", "its sources changed", old, text)


def _ours(root: Path, lock: Lock) -> dict[str, set[str]]:
    """Hashes that we wrote, by path: those of the lock, and those of a render that was killed before its lock."""
    ours = {path: {known} for path, known in lock.outputs.items()}
    for path, hashes in _intended(root).items():
        ours.setdefault(path, set()).update(hashes)
    return ours


def _intended(root: Path) -> dict[str, set[str]]:
    """What renders that were killed had begun to write. A broken list is no list."""
    try:
        intent = json.loads((root / INTENT).read_bytes())
        return {path: set(map(str, hashes)) for path, hashes in intent.items() if locks.ours(path)}
    except (OSError, ValueError, AttributeError, TypeError, RecursionError):
        return {}


def _text(place: Path) -> str | None:
    try:
        # Bytes, not text mode: a file with other line ends is a different file.
        return place.read_bytes().decode("utf-8", "surrogateescape")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise Refused(f"{place.name} cannot be read: {error.strerror}") from error


def apply(root: Path, changes: list[Change], lock: Lock) -> None:
    """Write what differs. A kill at any moment leaves old files or new ones, and the next render goes on from there."""
    writes = [c for c in changes if c.new is not None and c.kind != "same"]
    removals = [c for c in changes if c.new is None]
    new_lock = locks.text(lock)
    try:
        if not writes and not removals and _text(root / locks.NAME) == new_lock:
            (root / INTENT).unlink(missing_ok=True)
            return
        if writes:
            whole.write(root / INTENT, _intent(root, writes))
        for change in writes:
            assert change.new is not None
            whole.write(root / change.path, change.new)
        for change in removals:
            (root / change.path).unlink(missing_ok=True)
            _drop_empty(root, (root / change.path).parent)
        whole.write(root / locks.NAME, new_lock)
        (root / INTENT).unlink(missing_ok=True)
    except OSError as error:
        where = Path(error.filename or root)
        if isinstance(error, NotADirectoryError):
            raise Refused(f"{where.parent.name} is a file, where a folder is due") from error
        raise Refused(f"{_spoken(root, where)} cannot be written: {error.strerror}") from error


def _spoken(root: Path, place: Path) -> str:
    """A file as people know it; for one of our own passing files, the folder that cannot be written to."""
    path = place.relative_to(root).as_posix() if place.is_relative_to(root) else str(place)
    path = path.removesuffix(whole.PASSING)
    return "compose/" if path == INTENT else path


def _intent(root: Path, writes: list[Change]) -> str:
    """Added to what stands there: a second render may be killed as well, and the first one's files are ours still."""
    intended = _intended(root)
    for change in writes:
        assert change.new is not None
        intended.setdefault(change.path, set()).add(locks.digest_of(change.new))
    return json.dumps({path: sorted(hashes) for path, hashes in intended.items()})


def _drop_empty(root: Path, folder: Path) -> None:
    with contextlib.suppress(OSError):
        while folder != root:
            folder.rmdir()
            folder = folder.parent
