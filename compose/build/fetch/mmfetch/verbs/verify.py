"""`mmfetch verify`: reads each file of a model again, and names those that are wrong."""

from __future__ import annotations

import contextlib
import os
from concurrent.futures import ThreadPoolExecutor

from mmfetch.failures import WRONG, Failure
from mmfetch.lock_file import Locked
from mmfetch.report import Report
from mmfetch.request import Listing, Request, Wanted
from mmfetch.sizes import readable
from mmfetch.store import heads, local, stamps
from mmfetch.store.digest import right
from mmfetch.store.layout import Store

ANEW = "fetch it again: wrong files are replaced, right ones stay"


def run(store: Store, request: Request, locked: Locked | None, workers: int, report: Report) -> None:
    """Checks sizes, hashes and heads; a model with a wrong file loses its stamp, so that the next fetch mends it."""
    listing = _listing(store, request, locked)
    if locked:
        listing = locked.compare(request, listing)
    report.phase("check", f"checking {len(listing.files)} files, {readable(listing.bytes)}")
    report.expect(sum(file.size for file in listing.files), 0)

    def fault(file: Wanted) -> str:
        place = store.snapshot(request.repository, listing.commit) / file.path
        plain = store.plain(request) / file.path
        if not place.is_file():
            return "is missing"
        if not right(place, file.size, file.blob, file.sha256, report.advance):
            return "has wrong bytes"
        if request.plain and not (plain.is_file() and (plain.samefile(place) or right(plain, file.size, file.blob))):
            return "is missing or wrong as a plain file"
        return heads.fault(place, file.path)

    with ThreadPoolExecutor(max_workers=min(workers, os.cpu_count() or 1)) as pool:
        faults = list(zip(listing.files, pool.map(fault, listing.files), strict=True))
    wrong = [f"{file.path} {text}" for file, text in faults if text]
    if wrong:
        with contextlib.suppress(OSError):
            store.stamp(request.key).unlink(missing_ok=True)
        raise Failure(WRONG, f"{request.repository.name}: " + "; ".join(wrong), ANEW)
    text = f"{request}: all {len(listing.files)} files are right"
    report.done(False, text, repo=request.repository.name, commit=listing.commit, bytes=listing.bytes)


def _listing(store: Store, request: Request, locked: Locked | None) -> Listing:
    """The files as the stamp names them, or else as the store lays them out."""
    if stamp := stamps.last(store, request):
        files = tuple(Wanted(file["path"], file["size"], file["blob"]) for file in stamp["files"])
        return Listing(stamp["commit"], files)
    here = local.found(request, [store.of(request.repository)], locked.commit if locked else "")
    if here is None:
        raise Failure(WRONG, f"{request} is not in the store", "fetch it first")
    if here.missing:
        raise Failure(
            WRONG, f"{request.repository.name}: " + "; ".join(f"{path} is missing" for path in here.missing), ANEW
        )
    return here.listing
