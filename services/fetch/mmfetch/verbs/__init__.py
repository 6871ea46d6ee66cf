"""One file for each verb. Each is loaded when it runs: `nothing to do` has to be seen at once."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Mapping

from mmfetch import options
from mmfetch.failures import DENIED, USAGE, Failure
from mmfetch.lock_file import Locked, read
from mmfetch.report import Report
from mmfetch.request import Repository, Request
from mmfetch.store.layout import Store


def _fetch(given: argparse.Namespace, report: Report) -> None:
    _with_token(given)
    former = tuple(given.former)
    if sum(bool(source) for source in (given.url, given.folder or given.repo)) != 1:
        raise Failure(USAGE, "fetch needs one source", "name --repo, --url with --sha256, or --folder with --repo")
    if given.url:
        from mmfetch.verbs import from_url

        from_url.run(_store(given), given.url, given.sha256 or "", given.size, former, report)
    elif given.folder:
        from mmfetch.verbs import from_folder

        from_folder.run(_store(given), options.request(given), given.folder, _locked(given), report)
    else:
        from mmfetch.verbs.fetch import Fetch

        offline = os.environ.get("HF_HUB_OFFLINE", "").upper() in {"1", "ON", "YES", "TRUE"}
        for request in (options.request(given), *(Request(Repository(name)) for name in given.also)):
            locked = _locked(given) if request.repository.name == given.repo else None
            run = Fetch(_store(given), request, report, former, locked, given.workers)
            run.run(refresh=given.refresh, offline=offline)


def _verify(given: argparse.Namespace, report: Report) -> None:
    if given.url:
        from mmfetch.verbs import from_url

        from_url.verify(_store(given), given.url, given.sha256 or "", report)
        return
    from mmfetch.verbs import verify

    verify.run(_store(given), options.request(given), _locked(given), given.workers, report)


def _list(given: argparse.Namespace, report: Report) -> None:
    from mmfetch.verbs import inventory

    inventory.run(_store(given), report)


def _adopt(given: argparse.Namespace, report: Report) -> None:
    from mmfetch.verbs import adopt

    adopt.run(_store(given), options.request(given), tuple(given.former), _locked(given), report)


def _prune(given: argparse.Namespace, report: Report) -> None:
    from mmfetch.verbs import prune

    prune.run(_store(given), options.repository(given), given.revision, report)


def _lock(given: argparse.Namespace, report: Report) -> None:
    _with_token(given)
    from mmfetch.verbs import pin

    pin.run(options.request(given), report)


def _with_token(given: argparse.Namespace) -> None:
    if given.token_file:
        os.environ["HF_TOKEN_PATH"] = given.token_file


def _store(given: argparse.Namespace) -> Store:
    if not os.path.isdir(given.store):
        raise Failure(DENIED, f"{given.store} is no folder", "mount the store there")
    return Store(given.store)


def _locked(given: argparse.Namespace) -> Locked | None:
    return read(given.hashes) if given.hashes else None


RUN: Mapping[str, Callable[[argparse.Namespace, Report], None]] = {
    "fetch": _fetch,
    "verify": _verify,
    "list": _list,
    "adopt": _adopt,
    "prune": _prune,
    "lock": _lock,
}
