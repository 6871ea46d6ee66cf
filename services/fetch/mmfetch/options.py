"""The command line."""

from __future__ import annotations

import argparse
from typing import NoReturn

from mmfetch import __version__
from mmfetch.failures import USAGE, Failure
from mmfetch.request import Repository, Request

WORKERS = 8


class _Parser(argparse.ArgumentParser):
    """Refuses a wrong line with one clear line."""

    def error(self, message: str) -> NoReturn:
        raise Failure(USAGE, message, f"{self.prog} --help shows what may be written")


def parser() -> argparse.ArgumentParser:
    """All verbs and their options."""
    top = _Parser(
        prog="mmfetch",
        description="Fetches models into the store that all engines of a machine read.",
        allow_abbrev=False,
    )
    top.add_argument("--version", action="version", version=__version__)
    verbs = top.add_subparsers(dest="verb", required=True, metavar="VERB", parser_class=_Parser)

    events = _Parser(add_help=False)
    events.add_argument("--events", action="store_true", help="print one JSON object a line")
    store = _Parser(add_help=False)
    store.add_argument("--store", required=True, metavar="FOLDER", help="the store of all models")
    part = _Parser(add_help=False)
    part.add_argument("--repo", metavar="NAME", help="a repository of the hub: organisation/name")
    part.add_argument("--type", choices=("model", "dataset"), default="model", help="its kind (model)")
    part.add_argument("--revision", metavar="V", help="a branch, a tag or a commit (main)")
    part.add_argument("--include", action="append", default=[], metavar="GLOB", help="only such files")
    part.add_argument("--exclude", action="append", default=[], metavar="GLOB", help="no such files")
    part.add_argument("--plain", action="store_true", help="also as plain files, for engines that want a path")
    account = _Parser(add_help=False)
    account.add_argument("--token-file", metavar="FILE", help="holds the token of an account (HF_TOKEN_PATH)")
    hashes = _Parser(add_help=False)
    hashes.add_argument("--hashes", metavar="FILE", help="the lock as JSON (- reads the standard input)")
    former = _Parser(add_help=False)
    former.add_argument("--former", action="append", default=[], metavar="FOLDER", help="a cache of before")
    address = _Parser(add_help=False)
    address.add_argument("--url", help="one file at a plain address instead of a repository")
    address.add_argument("--sha256", help="the hash of the file at --url")
    workers = _Parser(add_help=False)
    workers.add_argument("--workers", type=_workers, default=WORKERS, metavar="N", help=f"files at once ({WORKERS})")

    fetch = verbs.add_parser(
        "fetch", parents=[store, part, address, account, former, hashes, workers, events], help="fetch what is missing"
    )
    fetch.add_argument("--also", action="append", default=[], metavar="NAME", help="a further repository, whole")
    fetch.add_argument("--folder", metavar="FOLDER", help="copy from this folder instead of the hub, as --repo")
    fetch.add_argument(
        "--size", type=int, metavar="BYTES", help="the bytes of the file at --url, if its server hides them"
    )
    fetch.add_argument("--refresh", action="store_true", help="ask the hub even if everything is there")
    verbs.add_parser("verify", parents=[store, part, address, hashes, workers, events], help="read all files again")
    verbs.add_parser("list", parents=[store, events], help="show what lies in the store, as JSON")
    verbs.add_parser("adopt", parents=[store, part, former, hashes, events], help="move from a former cache")
    verbs.add_parser("prune", parents=[store, part, events], help="remove a repository, or one revision of it")
    verbs.add_parser("lock", parents=[part, account, events], help="ask the hub for commit, sizes and hashes, as JSON")
    return top


def request(given: argparse.Namespace) -> Request:
    """The repository and files that the options name."""
    return Request(repository(given), given.revision or "main", tuple(given.include), tuple(given.exclude), given.plain)


def repository(given: argparse.Namespace) -> Repository:
    """The repository that the options name."""
    if not given.repo:
        raise Failure(USAGE, f"{given.verb} needs a repository", "name it with --repo organisation/name")
    return Repository(given.repo, given.type)


def _workers(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 64:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 to 64")
    return int(text)
