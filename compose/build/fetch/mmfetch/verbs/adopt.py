"""`mmfetch adopt`: moves a model from a former cache into the store, one file after the other."""

from __future__ import annotations

import os
import threading
from pathlib import Path

from mmfetch.failures import USAGE, WRONG, Failure, of_system
from mmfetch.lock_file import Locked
from mmfetch.report import Report
from mmfetch.request import Request, Wanted
from mmfetch.sizes import readable
from mmfetch.store import local, space, stamps
from mmfetch.store.digest import right
from mmfetch.store.former import Former, copied
from mmfetch.store.layout import Store, point, same_file, write
from mmfetch.store.one_at_a_time import alone
from mmfetch.store.part import Part


def run(store: Store, request: Request, former: tuple[str, ...], locked: Locked | None, report: Report) -> None:
    """Needs room for the largest file only: each source goes once its copy is right. Goes on where it was stopped."""
    if not former:
        raise Failure(USAGE, "adopt needs the cache to move from", "name it with --former")
    with alone(store, request.repository.folder, report):
        sources = list(Former(former).folders(request.repository))
        here = local.found(request, [*sources, store.of(request.repository)], locked.commit if locked else "")
        if here is None:
            raise Failure(
                WRONG,
                f"no former cache knows {request} by its commit",
                "fetch it with --former: files of other layouts are found there by their hashes",
            )
        listing = locked.compare(request, here.listing) if locked else here.listing
        contents = list({file.blob: file for file in listing.files}.values())
        _room(store, [file for file in contents if not store.blob(request.repository, file.blob).is_file()], sources)
        report.phase("fetch", f"moving {len(contents)} files, {readable(listing.bytes)}")
        report.expect(listing.bytes, 0)
        for file in contents:
            _move(store, request, file, sources, report)
        for file in listing.files:
            blob = store.blob(request.repository, file.blob)
            point(store.room_for(store.snapshot(request.repository, listing.commit) / file.path), blob)
            if request.plain:
                same_file(store.room_for(store.plain(request) / file.path), blob)
        if request.revision != listing.commit:
            write(store.room_for(store.ref(request.repository, request.revision)), listing.commit)
        if not here.missing:
            stamps.put(store, request, listing)
        for source in sources:
            _tidy(source, listing.commit)
    text = f"{request}: {readable(listing.bytes)} were moved"
    if here.missing:
        text += f"; {here.missing[0]} was not there: fetch gets what is missing"
    report.done(True, text, repo=request.repository.name, commit=listing.commit)


def _room(store: Store, files: list[Wanted], sources: list[Path]) -> None:
    """Where both lie on one disk, what is removed makes room for what comes."""
    one_disk = all(source.stat().st_dev == store.root.stat().st_dev for source in sources)
    sizes = [file.size for file in files]
    space.need(store.root, (max(sizes) if one_disk else sum(sizes)) if sizes else 0, "moving the model")


def _move(store: Store, request: Request, file: Wanted, sources: list[Path], report: Report) -> None:
    place = store.room_for(store.blob(request.repository, file.blob))
    origins = [path for source in sources for path in _origins(source, file)]
    if right(place, file.size, file.blob, file.sha256):
        report.advance(file.size)
    else:
        place.unlink(missing_ok=True)
        part = Part(store.room_for(store.partial(request.repository.folder) / file.blob), file)
        try:
            report.advance(part.size)
            if not any(copied(path, part, report.advance, threading.Event()) for path in origins):
                part.drop()
                raise Failure(
                    WRONG,
                    f"{file.path} has wrong bytes in the former cache: {origins[0] if origins else 'it is gone'}",
                    "fetch it instead: the hub has the right ones",
                )
            part.finish(place)
        finally:
            part.close()
        report.file(file.path, file.size, "moved")
    for path in origins:
        try:
            path.unlink()
        except OSError as error:
            raise of_system(error, str(path.parent)) from error


def _origins(source: Path, file: Wanted) -> list[Path]:
    """The file in a former cache: its blob, or the file itself where the cache has no links."""
    plain = [path for path in (source / "snapshots").glob(f"*/{_escaped(file.path)}") if not path.is_symlink()]
    return [path for path in (source / "blobs" / file.blob, *plain) if path.is_file()]


def _escaped(path: str) -> str:
    import glob

    return glob.escape(path)


def _tidy(source: Path, commit: str) -> None:
    """Removes pointers that lead nowhere now, and folders that are empty; whatever else is there stays."""
    for folder, _, names in os.walk(source / "snapshots" / commit, topdown=False):
        for name in names:
            path = Path(folder) / name
            if path.is_symlink() and not path.exists():
                path.unlink()
    if any((source / "blobs").glob("*")) or any(path.is_file() for path in (source / "snapshots").rglob("*")):
        return
    for folder, _, names in os.walk(source, topdown=False):
        for name in names:
            (Path(folder) / name).unlink()
        Path(folder).rmdir()
