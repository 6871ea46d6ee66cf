"""`mmfetch fetch --repo`: the files of a repository into the store, as its own client would lay them out."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from pathlib import Path
from typing import TYPE_CHECKING

from mmfetch.failures import NETWORK, REFUSED, WRONG, Failure, Stopped
from mmfetch.lock_file import Locked
from mmfetch.report import Report
from mmfetch.request import Listing, Request, Wanted
from mmfetch.sizes import readable
from mmfetch.store import heads, local, space, stamps
from mmfetch.store.digest import right
from mmfetch.store.former import Former
from mmfetch.store.layout import Store, point, same_file, write
from mmfetch.store.one_at_a_time import alone
from mmfetch.store.part import Part

if TYPE_CHECKING:
    from mmfetch.hub.repositories import Hub


class Fetch:
    """One run of one request."""

    def __init__(
        self,
        store: Store,
        request: Request,
        report: Report,
        former: tuple[str, ...],
        locked: Locked | None,
        workers: int,
    ) -> None:
        self._store = store
        self._request = request
        self._repository = request.repository
        self._report = report
        self._former_roots = former
        self._locked = locked
        self._workers = workers
        self._stop = threading.Event()
        self._hub: Hub | None = None

    def run(self, refresh: bool = False, offline: bool = False) -> None:
        """Everything from the question what is wanted to the stamp that it is there."""
        if self._nothing_to_do(refresh):
            return
        with alone(self._store, self._repository.folder, self._report):
            if self._nothing_to_do(refresh):
                return
            former = Former(self._former_roots)
            for folder in former.unreadable[:1]:
                self._report.note(f"{folder} of a former cache may not be read: what is in it is fetched")
            listing, from_hub = self._listing(former, offline)
            present = self._present(listing)
            self._obtain(listing, present, former, from_hub)
            self._lay_out(listing)
        self._done(True, listing.commit, f"{readable(listing.bytes)} in {len(listing.files)} files are there")

    def _nothing_to_do(self, refresh: bool) -> bool:
        if refresh or not (stamp := stamps.current(self._store, self._request)):
            return False
        if self._locked and not _agrees(stamp, self._locked):
            return False
        self._done(False, stamp["commit"], "nothing to do")
        return True

    def _done(self, changed: bool, commit: str, text: str) -> None:
        request = self._request
        self._report.done(changed, f"{request}: {text}", repo=self._repository.name, commit=commit)

    def _listing(self, former: Former, offline: bool) -> tuple[Listing, bool]:
        """The wanted files as the hub names them; without a hub, as the caches here do."""
        request, commit = self._request, self._locked.commit if self._locked else ""
        folders = [self._store.of(self._repository), *former.folders(self._repository)]
        here = local.found(request, folders, commit)
        reason: Failure | None = None
        if not offline:
            from mmfetch.hub.repositories import Hub

            try:
                self._hub = Hub(self._report.note)
                self._report.phase("ask", f"asking {self._hub.address} for the files of {request}")
                # A machine that is cut off should not wait long for what it has.
                listing = self._hub.listing(request, commit, tries=2 if here and not here.missing else None)
                return (self._locked.compare(request, listing) if self._locked else listing), True
            except Failure as failure:
                if failure.code not in {NETWORK, REFUSED}:
                    raise
                reason = failure
        if here is None or here.missing:
            raise _not_here(request, here, reason)
        text = f"{reason.message}; " if reason else ""
        self._report.note(f"{text}the caches here have {request} as commit {here.listing.commit}: each file is checked")
        return (self._locked.compare(request, here.listing) if self._locked else here.listing), False

    def _present(self, listing: Listing) -> set[str]:
        """The blobs that are in the store and right. Those that no stamp knows are hashed once; a wrong one goes."""
        known = stamps.known(self._store, self._repository)
        unknown: list[tuple[Wanted, Path]] = []
        present: set[str] = set()
        for file in _contents(listing):
            blob = self._store.blob(self._repository, file.blob)
            if blob.is_file():
                seen = (blob.stat().st_size, blob.stat().st_mtime_ns)
                if known.get(file.blob) == seen and file.sha256 in {"", file.blob}:
                    present.add(file.blob)
                else:
                    unknown.append((file, blob))
        if unknown:
            count = sum(file.size for file, _ in unknown)
            self._report.phase("check", f"checking {readable(count)} that lie in the store already")
            self._report.expect(count, 0)

            def check(found: tuple[Wanted, Path]) -> None:
                file, blob = found
                if right(blob, file.size, file.blob, file.sha256, self._report.advance):
                    present.add(file.blob)
                else:
                    self._report.note(f"{file.path} in the store has wrong bytes: it is fetched again")
                    blob.unlink(missing_ok=True)

            with ThreadPoolExecutor(max_workers=min(4, self._workers)) as workers:
                list(workers.map(check, unknown))
        return present

    def _obtain(self, listing: Listing, present: set[str], former: Former, from_hub: bool) -> None:
        missing = [file for file in _contents(listing) if file.blob not in present]
        if not missing:
            return
        there = listing.bytes - sum(file.size for file in missing)
        partial = sum(self._arrived(file) for file in missing)
        needed = sum(file.size for file in missing) - partial
        self._store.room_for(self._store.partial(self._repository.folder) / "x")
        moved = "mmcompose models adopt moves it out of the engine's cache, which needs no room for both; or "
        space.need(self._store.root, needed, str(self._request), moved if any(former.folders(self._repository)) else "")
        self._report.phase("fetch", f"fetching {len(missing)} files, {readable(needed)}")
        self._report.expect(listing.bytes, there)
        # The largest first, so that no long one is left alone at the end.
        missing.sort(key=lambda file: -file.size)
        with ThreadPoolExecutor(max_workers=self._workers) as workers:
            jobs = [workers.submit(self._file, file, listing.commit, former, from_hub) for file in missing]
            wait(jobs, return_when=FIRST_EXCEPTION)
            # Nothing of this is left to do if all went well.
            self._stop.set()
            for job in jobs:
                job.cancel()
        faults = [fault for job in jobs if not job.cancelled() and (fault := job.exception())]
        for fault in sorted(faults, key=lambda fault: isinstance(fault, Stopped)):
            raise fault

    def _arrived(self, file: Wanted) -> int:
        path = self._store.partial(self._repository.folder) / file.blob
        return min(file.size, path.stat().st_size) if path.is_file() else 0

    def _file(self, file: Wanted, commit: str, former: Former, from_hub: bool) -> None:
        """One file: from a former cache if one has it whole, else the rest of it from the hub."""
        part = Part(self._store.room_for(self._store.partial(self._repository.folder) / file.blob), file)
        try:
            self._report.advance(part.size)
            resumed = part.size > 0
            source = "taken from the former cache"
            if not former.take(file, part, self._report.advance, self._stop):
                if not from_hub:
                    raise Failure(
                        WRONG, f"{file.path} has wrong bytes in the former cache, and the hub cannot be asked"
                    )
                source = "fetched"
                self._receive(file, commit, part)
                if resumed and not part.is_right():
                    # What an earlier run left may have been damaged since; what comes now has no such excuse.
                    self._report.advance(-part.size)
                    part.restart()
                    self._receive(file, commit, part)
            if not part.is_right():
                part.drop()
                raise Failure(
                    WRONG,
                    f"{file.path} came with other bytes than its hash {file.blob[:12]}… promises: it was removed",
                    "fetch again; if it happens again, something between here and the hub changes files",
                )
            if wrong := heads.fault(part.path, file.path):
                raise Failure(
                    WRONG, f"{file.path} {wrong}", f"its bytes are those of {self._repository.name}: tell its authors"
                )
            part.finish(self._store.room_for(self._store.blob(self._repository, file.blob)))
            self._report.file(file.path, file.size, source)
        finally:
            part.close()

    def _receive(self, file: Wanted, commit: str, part: Part) -> None:
        from mmfetch.hub.patience import Patience
        from mmfetch.hub.transfer import receive

        hub = self._hub
        assert hub is not None
        patience = Patience(hub.endpoint(self._repository, commit), file.path, self._stop)
        url = hub.file(self._repository, commit, file.path)
        receive(hub.web, url, part, file.size, patience, advance=self._report.advance, stop=self._stop)

    def _lay_out(self, listing: Listing) -> None:
        """Pointers, the branch's commit and plain files; the stamp comes last."""
        store, request = self._store, self._request
        before = stamps.last(store, request) or {}
        for file in listing.files:
            blob = store.blob(self._repository, file.blob)
            point(store.room_for(store.snapshot(self._repository, listing.commit) / file.path), blob)
            if request.plain:
                same_file(store.room_for(store.plain(request) / file.path), blob)
        if request.revision != listing.commit:
            write(store.room_for(store.ref(self._repository, request.revision)), listing.commit)
        if request.plain:
            _remove_older(store.plain(request), before, listing)
        stamps.put(store, request, listing)


def _remove_older(folder: Path, before: dict[str, object], listing: Listing) -> None:
    """Plain files that an earlier commit had and this one has not."""
    now = {file.path for file in listing.files}
    files = before.get("files")
    for file in files if isinstance(files, list) else ():
        if file["path"] not in now:
            (folder / file["path"]).unlink(missing_ok=True)


def _contents(listing: Listing) -> Iterator[Wanted]:
    """Each content once; several files may share one."""
    return iter({file.blob: file for file in listing.files}.values())


def _agrees(stamp: dict[str, object], locked: Locked) -> bool:
    if locked.commit and stamp.get("commit") != locked.commit:
        return False
    files = stamp.get("files")
    hashes = {sha256 for _, sha256 in locked.files.values()}
    return isinstance(files, list) and all(len(file["blob"]) == 40 or file["blob"] in hashes for file in files)


def _not_here(request: Request, here: local.Local | None, reason: Failure | None) -> Failure:
    if here is not None:
        text = f"the caches here have only a part of {request}: {here.missing[0]} is missing"
        return (
            Failure(reason.code, f"{reason.message}; {text}", reason.hint) if reason else Failure(NETWORK, text, ONLINE)
        )
    return reason or Failure(
        NETWORK, f"{request} is not here, and the hub may not be asked: HF_HUB_OFFLINE is set", ONLINE
    )


ONLINE = "fetch it where there is a network, or unset HF_HUB_OFFLINE"
