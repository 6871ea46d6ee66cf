"""The command line: `python -m mmbench KIND --base-url URL --out FOLDER`."""

from __future__ import annotations

import argparse
import asyncio
import importlib
import sys
import traceback
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import fields

from . import VERSION
from .images import ImageError
from .loop import run
from .probe import NoServerError, wait_for
from .result import FolderError
from .score import TruthError
from .session import Session
from .settings import RECEIPTS, Settings, SettingsError
from .slo import BadSloError
from .target import BadTargetError
from .words import harmless
from .workers import WorkerFailedError

USAGE_ERRORS = (SettingsError, BadTargetError, BadSloError, ImageError, TruthError, FolderError)
RUN_ERRORS = (NoServerError, WorkerFailedError)
KINDS = {"sanity": "sanity", "load": "load", "ocr-sweep": "ocr_sweep"}


def main(arguments: Sequence[str] | None = None) -> int:
    given = list(sys.argv[1:] if arguments is None else arguments)
    settings = read(given)
    try:
        settings.check()
        return run(go(settings))
    except USAGE_ERRORS as error:
        print(harmless(f"mmbench: {error}"), file=sys.stderr)
        return 2
    except OSError as error:
        # A full disk, or a folder of results that was taken away; what fails on the network is counted, never raised.
        print(harmless(f"mmbench: the results cannot be written: {error.strerror or error}"), file=sys.stderr)
        return 4


async def benchmark(session: Session, kind: Callable[[Session], Awaitable[int]]) -> int:
    if session.settings.wait:
        await wait_for(session.pool, session.settings.wait)
    return await kind(session)


async def go(settings: Settings) -> int:
    session = Session(settings)
    session.listen_for_signals()
    try:
        code = await ended(session)
    except OSError:
        session.folder.say_aborted()
        raise
    finally:
        session.close()
    session.print_table()
    print(f"results: {session.folder.path}")
    return code


async def ended(session: Session) -> int:
    """Run, and write into the result how it ended; returns the exit code."""
    kind = importlib.import_module(f".kind_{KINDS[session.settings.kind]}", __package__)
    work = asyncio.ensure_future(benchmark(session, kind.run))
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


def read(arguments: list[str]) -> Settings:
    given = vars(parser().parse_args(arguments))
    known = {each.name for each in fields(Settings)}
    return Settings(
        **{name: value for name, value in given.items() if name in known and value is not None}, command=arguments
    )


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="mmbench", description="Load and correctness benchmarks for model servers.")
    top.add_argument("--version", action="version", version=f"mmbench {VERSION}")
    kinds = top.add_subparsers(dest="kind", required=True, metavar="KIND")
    sanity = kinds.add_parser("sanity", help="health, models, one streamed request, eight at concurrency four")
    load = kinds.add_parser(
        "load", help="random prompts: closed concurrency, a rate, a ramp, or the search for the knee"
    )
    ocr = kinds.add_parser("ocr-sweep", help="image files under load, answers scored against ground truth")
    for each in (sanity, load, ocr):
        common(each)
    for each in (load, ocr):
        levels(each)
    load_options(load)
    ocr_options(ocr)
    sanity_options(sanity)
    sanity.set_defaults(timeout=120.0)
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


def levels(to: argparse.ArgumentParser) -> None:
    to.add_argument(
        "--concurrency",
        metavar="N,N…",
        help="closed load: so many in flight; a search begins at the first (default: 16; ocr-sweep 8,16,24,32)",
    )
    to.add_argument(
        "--requests",
        "--num-prompts",
        type=int,
        metavar="N",
        help="measured requests per level (default: load 200, or 5 waves; ocr-sweep 4 waves)",
    )
    to.add_argument("--seconds", type=float, metavar="S", help="measured time per level, instead of a number")
    to.add_argument(
        "--warm-up", type=float, default=1.0, metavar="WAVES", help="discarded waves per level (default: 1)"
    )
    to.add_argument("--ramp-up", type=float, default=0.0, metavar="S", help="spread the first starts over this time")
    to.add_argument("--slo", default="", metavar="LIMITS", help="goodput limits, as in ttft=500ms,tpot=50ms")
    to.add_argument(
        "--workers", default="auto", metavar="N", help="client processes (default: more when one saturates)"
    )


def sanity_options(to: argparse.ArgumentParser) -> None:
    to.add_argument(
        "--budget",
        type=float,
        default=15.0,
        metavar="S",
        help="checks that take longer are called slow (slow_for_sanity), and have not failed (default: %(default)s)",
    )
    to.add_argument("--with-image", nargs="?", const=str(RECEIPTS), metavar="PATH", help="for servers that want one")


def load_options(to: argparse.ArgumentParser) -> None:
    to.add_argument(
        "--input-tokens", "--random-input-len", type=int, default=32, metavar="N", help="length of each prompt"
    )
    to.add_argument(
        "--output-tokens", "--random-output-len", type=int, default=64, metavar="N", help="most tokens of an answer"
    )
    to.add_argument(
        "--ignore-eos", choices=("auto", "on", "off"), default="auto", help="auto: where the engine knows it"
    )
    to.add_argument("--rate", metavar="R,R…", help="open load: requests per second")
    to.add_argument("--ramp", metavar="FROM:TO", help="open load whose rate grows over --seconds")
    to.add_argument("--burstiness", type=float, default=1.0, help="of an open load: 1 is Poisson, below 1 burstier")
    to.add_argument(
        "--max-in-flight", type=int, default=0, metavar="N", help="cap of an open load; waiting counts as latency"
    )
    to.add_argument(
        "--search",
        choices=("knee",),
        help="from --concurrency (or 1) double until the gain is below 5 %% or the SLO breaks, then bisect",
    )
    to.add_argument("--search-limit", type=int, default=512, metavar="N", help="how far a search goes")
    to.add_argument(
        "--prompts",
        choices=("random", "fixed"),
        default="random",
        help="random words, or ten fixed prompts whose answers are kept to be read (default: %(default)s)",
    )
    to.add_argument(
        "--shared-prefix", dest="unique_prefix", action="store_false", help="let prompts repeat (measures the cache)"
    )
    to.set_defaults(unique_prefix=True)


def ocr_options(to: argparse.ArgumentParser) -> None:
    to.add_argument(
        "--image", default=str(RECEIPTS), metavar="PATH", help="an image or a folder (default: the shipped receipts)"
    )
    to.add_argument("--truth", metavar="FILE", help="right answers (default: truth.json beside the images)")
    to.add_argument("--fields", metavar="NAME,…", help="score only these fields of the ground truth")
    to.add_argument("--min-similarity", type=float, default=0.9, metavar="X", help="mean below which a level fails")
    to.add_argument("--min-exact", type=float, default=0.9, metavar="X", help="share below which a level fails")
    to.add_argument("--prompt", metavar="TEXT", help="what to ask of each image (default: to read all of its text)")
    to.add_argument("--max-tokens", type=int, default=1024, metavar="N", help="most tokens of an answer")
    to.add_argument("--unique-prefix", action="store_true", help="a number before each image, against prefix caches")
    to.set_defaults(concurrency="8,16,24,32", timeout=120.0, unique_prefix=False)
