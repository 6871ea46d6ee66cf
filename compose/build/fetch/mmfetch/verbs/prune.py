"""`mmfetch prune`: removes a repository, or what only one of its revisions needs."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from mmfetch.failures import of_system
from mmfetch.report import Report
from mmfetch.request import COMMIT, Repository
from mmfetch.sizes import readable
from mmfetch.store import stamps
from mmfetch.store.layout import Store
from mmfetch.store.one_at_a_time import alone
from mmfetch.store.space import free_bytes


def run(store: Store, repository: Repository, revision: str | None, report: Report) -> None:
    """The stamps go first, so that a run that is stopped half-way leaves nothing that looks whole."""
    before = free_bytes(store.root)
    with alone(store, repository.folder, report):
        for path, stamp in list(stamps.every(store)):
            noted = stamp["request"]
            if (noted["repository"], noted["type"]) == (repository.name, repository.kind) and revision in {
                None,
                noted["revision"],
                stamp["commit"],
            }:
                path.unlink()
        plain = store.root / ("files" if repository.kind == "model" else f"files/{repository.kind}s") / repository.name
        try:
            if revision is None:
                removed = [store.of(repository), plain, store.partial(repository.folder)]
                for folder in removed:
                    _remove(store, folder)
            else:
                _remove(store, plain / revision)
                _revision(store, repository, revision)
        except OSError as error:
            raise of_system(error, str(store.root)) from error
    freed = max(0, free_bytes(store.root) - before)
    report.done(True, f"{repository.name} was removed: about {readable(freed)} are free again", repo=repository.name)


def _revision(store: Store, repository: Repository, revision: str) -> None:
    """A snapshot that no other branch or stamp names, and the contents that no other snapshot shows."""
    ref = store.ref(repository, revision)
    commit = revision if COMMIT.fullmatch(revision) else ref.read_text().strip() if ref.is_file() else ""
    if ref.is_file():
        ref.unlink()
    refs = store.of(repository) / "refs"
    named = {path.read_text().strip() for path in refs.rglob("*") if path.is_file()}
    named |= {stamp["commit"] for stamp in stamps.of(store, repository)}
    if COMMIT.fullmatch(commit) and commit not in named:
        _remove(store, store.snapshot(repository, commit))
    shown = {
        os.path.basename(os.readlink(path))
        for path in (store.of(repository) / "snapshots").rglob("*")
        if path.is_symlink()
    }
    for blob in (store.of(repository) / "blobs").glob("*"):
        if blob.name not in shown:
            blob.unlink()


def _remove(store: Store, folder: Path) -> None:
    store.room_for(folder)
    if folder.is_symlink():
        folder.unlink()
    elif folder.exists():
        shutil.rmtree(folder)
