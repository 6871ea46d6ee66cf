"""Stamps: the note that everything a request wants has been checked, by which `nothing to do` is seen at once."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mmfetch.request import Listing, Repository, Request
from mmfetch.store.layout import NOTES, Store, write

VERSION = 1
Known = dict[str, tuple[int, int]]
"""Blob → its size and time when it was found right."""


def current(store: Store, request: Request) -> dict[str, Any] | None:
    """The stamp of a request if all that it promises is still there as it was."""
    stamp = last(store, request)
    if stamp is None:
        return None
    snapshot = store.snapshot(request.repository, str(stamp.get("commit")))
    folders = [snapshot, *([store.plain(request)] if request.plain else [])]
    try:
        if (
            request.revision != stamp["commit"]
            and store.ref(request.repository, request.revision).read_text() != stamp["commit"]
        ):
            return None
        for file in stamp["files"]:
            for folder in folders:
                found = os.stat(folder / file["path"])
                if (found.st_size, found.st_mtime_ns) != (file["size"], file["mtime_ns"]):
                    return None
    except (OSError, LookupError, TypeError):
        return None
    return stamp


def last(store: Store, request: Request) -> dict[str, Any] | None:
    """The stamp of a request, whatever has happened since."""
    stamp = _read(store.stamp(request.key))
    return stamp if stamp and stamp.get("request") == described(request) else None


def known(store: Store, repository: Repository) -> Known:
    """The contents of a repository that were found right, whatever the request was."""
    found: Known = {}
    for stamp in of(store, repository):
        for file in stamp.get("files", ()):
            found[file["blob"]] = (file["size"], file["mtime_ns"])
    return found


def of(store: Store, repository: Repository) -> list[dict[str, Any]]:
    """All stamps of a repository."""
    wanted = (repository.name, repository.kind)
    return [
        stamp
        for _, stamp in every(store)
        if (stamp.get("request", {}).get("repository"), stamp.get("request", {}).get("type")) == wanted
    ]


def every(store: Store) -> Iterator[tuple[Path, dict[str, Any]]]:
    """All stamps of the store."""
    for path in sorted((store.root / NOTES / "stamps").glob("*.json")):
        if stamp := _read(path):
            yield path, stamp


def put(store: Store, request: Request, listing: Listing) -> None:
    """Says that everything of a request is whole; the last thing that a fetch does."""
    files = []
    for file in listing.files:
        found = os.stat(store.blob(request.repository, file.blob))
        files.append({"path": file.path, "size": found.st_size, "mtime_ns": found.st_mtime_ns, "blob": file.blob})
    save(store, request.key, {"request": described(request), "commit": listing.commit, "files": files})


def save(store: Store, key: str, content: dict[str, Any]) -> None:
    """Writes a stamp."""
    made = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    write(store.room_for(store.stamp(key)), json.dumps({"version": VERSION, "made": made, **content}, indent=1))


def described(request: Request) -> dict[str, Any]:
    """A request as it is written down."""
    return {
        "repository": request.repository.name,
        "type": request.repository.kind,
        "revision": request.revision,
        "include": sorted(request.include),
        "exclude": sorted(request.exclude),
        "plain": request.plain,
    }


def _read(path: Path) -> dict[str, Any] | None:
    try:
        stamp = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    return stamp if isinstance(stamp, dict) and stamp.get("version") == VERSION else None
