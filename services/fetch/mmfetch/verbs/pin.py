"""`mmfetch lock`: the commit, sizes and sha256 of a model as the hub names them, for people to review."""

from __future__ import annotations

import hashlib
import sys

from mmfetch.failures import WRONG, Failure
from mmfetch.hub.repositories import Hub
from mmfetch.report import Report
from mmfetch.request import Repository, Request, Wanted
from mmfetch.store.digest import begun

MOST_SMALL = 64 << 20
"""Bytes of a file that git itself holds; the hub takes none of more than 10 MB."""


def run(request: Request, report: Report) -> None:
    """Prints JSON. Small files have only git's hash at the hub, so they are read for their sha256."""
    # The standard output has the document and nothing else.
    hub = Hub(lambda text: print(text, file=sys.stderr, flush=True))
    listing = hub.listing(request)
    files = {
        file.path: {"size": file.size, "sha256": _sha256(hub, request.repository, listing.commit, file)}
        for file in listing.files
    }
    repository = request.repository
    report.result({
        "repository": repository.name,
        "type": repository.kind,
        "revision": request.revision,
        "commit": listing.commit,
        "bytes": listing.bytes,
        **dict(listing.facts),
        "files": files,
    })  # fmt: skip


def _sha256(hub: Hub, repository: Repository, commit: str, file: Wanted) -> str:
    if len(file.blob) == 64:
        return file.blob
    if file.size > MOST_SMALL:
        raise Failure(
            WRONG, f"{file.path} has {file.size} bytes and only git's hash: it is too large to be read for a lock"
        )
    content = hub.content(repository, commit, file)
    digest = begun(file.blob, file.size)
    digest.update(content)
    if len(content) != file.size or digest.hexdigest() != file.blob:
        raise Failure(WRONG, f"{file.path} came with other bytes than its hash promises", "try again")
    return hashlib.sha256(content).hexdigest()
