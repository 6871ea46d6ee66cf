"""`mmfetch fetch --folder`: files of a local folder, copied into the store as plain files."""

from __future__ import annotations

import hashlib
import os
import threading
from pathlib import Path

from mmfetch.failures import USAGE, WRONG, Failure
from mmfetch.lock_file import Locked
from mmfetch.report import Report
from mmfetch.request import Request, Wanted
from mmfetch.sizes import readable
from mmfetch.store import heads, space
from mmfetch.store.digest import feed, right
from mmfetch.store.former import copied
from mmfetch.store.layout import Store
from mmfetch.store.one_at_a_time import alone
from mmfetch.store.part import Part


def run(store: Store, request: Request, folder: str, locked: Locked | None, report: Report) -> None:
    """Copies what is wanted of a folder to `files/<name>/<revision>`; what is there with the same bytes stays."""
    source = Path(folder)
    if not source.is_dir():
        raise Failure(USAGE, f"{folder} is no folder", "name the folder that holds the model")
    with alone(store, request.repository.folder, report):
        report.phase("check", f"reading {folder}")
        files = [_hashed(source, path) for path in _paths(source) if request.wants(path)]
        if not files:
            raise Failure(WRONG, f"{folder} has no file that is wanted", "mend the folder, include or exclude")
        if locked:
            _compare(files, locked)
        place = store.plain(request)
        todo = [file for file in files if not right(place / file.path, file.size, file.blob)]
        space.need(store.root, sum(file.size for file in todo), folder)
        report.expect(sum(file.size for file in files), sum(file.size for file in files if file not in todo))
        for file in todo:
            if wrong := heads.fault(source / file.path, file.path):
                raise Failure(WRONG, f"{source / file.path} {wrong}", "copy it anew from where it came from")
            part = Part(store.room_for(store.partial(request.repository.folder) / file.blob), file)
            try:
                if not copied(source / file.path, part, report.advance, threading.Event()):
                    raise Failure(
                        WRONG, f"{source / file.path} changed while it was copied", "fetch again once it is whole"
                    )
                part.finish(store.room_for(place / file.path))
            finally:
                part.close()
            report.file(file.path, file.size, "copied")
    count = readable(sum(file.size for file in files))
    report.done(
        bool(todo), f"{request}: {count} in {len(files)} files are there" if todo else f"{request}: nothing to do"
    )


def _paths(source: Path) -> list[str]:
    """The files below a folder; a link that leads out of it is refused."""
    real = source.resolve()
    found = []
    for folder, _, names in os.walk(source):
        for name in names:
            path = Path(folder) / name
            if not path.resolve().is_relative_to(real):
                raise Failure(WRONG, f"{path} is a link that leads out of {source}", "copy the file itself there")
            found.append(path.relative_to(source).as_posix())
    return sorted(found)


def _hashed(source: Path, path: str) -> Wanted:
    digest = hashlib.sha256()
    return Wanted(path, feed(source / path, digest), digest.hexdigest())


def _compare(files: list[Wanted], locked: Locked) -> None:
    for file in files:
        if locked.files.get(file.path) != (file.size, file.blob):
            raise Failure(
                WRONG, f"{file.path} is not the file that the lock names", "copy the right one, or lock it anew"
            )
