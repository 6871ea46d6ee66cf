"""The command line: `python -m mmbench KIND --base-url URL --out FOLDER`."""

from __future__ import annotations

import argparse
import asyncio
import sys
import traceback
from collections.abc import Sequence

from . import VERSION
from .images import ImageError
from .kinds import KINDS, Kind, Kinds
from .loop import run
from .probe import NoServerError, wait_for
from .result import FolderError
from .score import TruthError
from .session import Session
from .settings import Settings, SettingsError
from .slo import BadSloError
from .target import BadTargetError
from .texts import harmless
from .workers import WorkerFailedError

USAGE_ERRORS = (SettingsError, BadTargetError, BadSloError, ImageError, TruthError, FolderError)
RUN_ERRORS = (NoServerError, WorkerFailedError)


def main(arguments: Sequence[str] | None = None, kinds: Kinds = KINDS) -> int:
    given = list(sys.argv[1:] if arguments is None else arguments)
    settings = read(given, kinds)
    try:
        settings.check()
        return run(go(settings, kinds.of(settings.kind)))
    except USAGE_ERRORS as error:
        print(harmless(f"{kinds.program}: {error}"), file=sys.stderr)
        return 2
    except OSError as error:
        # A full disk, or a folder of results that was taken away; what fails on the network is counted, never raised.
        print(harmless(f"{kinds.program}: the results cannot be written: {error.strerror or error}"), file=sys.stderr)
        return 4


async def benchmark(session: Session, kind: Kind) -> int:
    settings = session.settings
    if settings.wait:
        await wait_for(session.pool, settings.wait)
    return await kind.run(session, settings)


async def go(settings: Settings, kind: Kind) -> int:
    session = Session(settings)
    session.listen_for_signals()
    try:
        code = await ended(session, kind)
    except OSError:
        session.folder.say_aborted()
        raise
    finally:
        session.close()
    session.print_table()
    print(f"results: {session.folder.path}")
    return code


async def ended(session: Session, kind: Kind) -> int:
    """Runs, and writes the outcome into the result; returns the exit code."""
    work = asyncio.ensure_future(benchmark(session, kind))
    session.stop.guard(work)
    try:
        return await work
    except asyncio.CancelledError:
        return session.abort(session.stop.reason or "interrupted", 130)
    except RUN_ERRORS as error:
        return session.abort(str(error), 4)
    except USAGE_ERRORS as error:
        return session.abort(str(error), 2)
    except OSError:
        raise
    except Exception as error:
        session.folder.keep_trace(traceback.format_exc())
        return session.abort(f"the client failed, and it is to blame: {type(error).__name__}: {error}"[:500], 4)


def read(arguments: list[str], kinds: Kinds = KINDS) -> Settings:
    given = vars(parser(kinds).parse_args(arguments))
    return kinds.of(given["kind"]).Options(
        **{name: value for name, value in given.items() if value is not None}, command=arguments
    )


def parser(kinds: Kinds = KINDS) -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog=kinds.program, description="Load and correctness benchmarks for model servers.")
    top.add_argument("--version", action="version", version=f"{kinds.program} {VERSION}")
    each_kind = top.add_subparsers(dest="kind", required=True, metavar="KIND")
    for name in kinds.names():
        kind = kinds.of(name)
        to = each_kind.add_parser(name, help=kind.HELP)
        common(to)
        kind.options(to)
    return top


def common(to: argparse.ArgumentParser) -> None:
    to.add_argument("--base-url", required=True, metavar="URL", help="http://HOST:PORT, with or without /v1 or /v3")
    to.add_argument("--model", help="served name (default: the first that the server lists)")
    to.add_argument(
        "--api",
        choices=("chat", "completions", "llamacpp"),
        default="chat",
        help="which API to ask (default: %(default)s)",
    )
    to.add_argument("--api-key-file", metavar="FILE", help="file that holds the key to send")
    to.add_argument("--ca-file", metavar="FILE", help="certificate authority for https")
    to.add_argument("--out", metavar="FOLDER", help="a new run folder KIND/TIME-NAME-ID is made inside")
    to.add_argument("--run-dir", metavar="FOLDER", help="write into exactly this folder, not into one made in --out")
    to.add_argument("--context", metavar="FILE", help="JSON with run, target, host, gpus, project blocks to embed")
    to.add_argument("--label", help="a name for the run folder")
    to.add_argument("--seed", type=int, default=1, help="of prompts and arrivals (default: %(default)s)")
    to.add_argument(
        "--timeout", "--timeout-s", type=float, default=300.0, metavar="S", help="per request (default: %(default)s)"
    )
    to.add_argument("--wait", type=float, default=0.0, metavar="S", help="wait so long for the server first")
    to.add_argument(
        "--progress", choices=("auto", "bar", "lines", "json", "none"), default="auto", help="how to show it"
    )
    to.add_argument(
        "--max-error-share", type=float, default=0.0, metavar="X", help="failures allowed before exit code 4"
    )
    to.add_argument("--temperature", type=float, default=0.0, help="of sampling, always sent (default: %(default)s)")
    to.add_argument("--extra-body", default="{}", metavar="JSON", help="further keys of each request body")
    to.add_argument("--no-metrics", dest="metrics", action="store_false", help="do not read the engine's /metrics")
