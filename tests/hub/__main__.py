"""Serve folders as repositories: `python -m tests.hub --repo org/name=FOLDER`."""

from __future__ import annotations

import argparse
import signal
import threading
from pathlib import Path

from tests.hub.repository import Repository
from tests.hub.server import TOKEN, serving


def main() -> None:
    line = argparse.ArgumentParser(prog="python -m tests.hub", description=__doc__)
    line.add_argument("--bind", default="127.0.0.1", help="the address to listen at (0.0.0.0 for containers)")
    line.add_argument("--port", type=int, default=0, help="this one for the API, the next for large files (free ones)")
    line.add_argument("--shown-as", help="the host name that redirects and clients use (the address)")
    line.add_argument("--repo", action="append", default=[], metavar="NAME=FOLDER", required=True)
    line.add_argument("--gated", action="append", default=[], metavar="NAME", help=f"needs the token {TOKEN}")
    line.add_argument("--rate", type=float, help="bytes per second of each connection")
    given = line.parse_args()
    named = [repo.partition("=") for repo in given.repo]
    repositories = [Repository.of_folder(name, Path(folder), gated=name in given.gated) for name, _, folder in named]
    done = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: done.set())
    shown_as = given.shown_as or ("127.0.0.1" if given.bind == "0.0.0.0" else given.bind)
    with serving(*repositories, bind=given.bind, port=given.port, shown_as=shown_as) as hub:
        hub.faults.rate = given.rate
        print(hub.url, flush=True)
        done.wait()


if __name__ == "__main__":
    main()
