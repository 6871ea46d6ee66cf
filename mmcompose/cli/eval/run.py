"""`mmcompose eval run`: brings a profile up, asks it the questions of an eval, and shows the scores."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from mmcompose.cli.bench.client_help import tell_options, wants_help
from mmcompose.cli.bench.measuring import WithClient, measure, measuring
from mmcompose.cli.printing.output import fail
from mmcompose.cli.shell import completing
from mmcompose.cli.shell.options import any_profile_argument
from mmcompose.core.hints import nearest
from mmcompose.engines.known.benchmarks import evals


@click.command("run", cls=WithClient)
@any_profile_argument
@click.argument("arguments", nargs=-1, metavar="[-- OPTION…]", type=click.UNPROCESSED)
@click.option(
    "--benchmark",
    "benchmarks",
    multiple=True,
    metavar="NAME",
    shell_complete=completing.evals,
    help="An eval of those above; may be repeated. None named: ifeval and gsm8k.",
)
@click.option(
    "--limit", type=click.IntRange(min=1), metavar="N", help="Only the first N questions: a smoke run, not a score."
)
@measuring
@click.pass_obj
def command(
    folder: str,
    /,
    profile: str | None,
    arguments: tuple[str, ...],
    benchmarks: tuple[str, ...],
    limit: int | None,
    **options: Any,
) -> None:
    """Score the answers of PROFILE, which may also be a model without a profile, as `bench run` takes it.

    Each question is asked once; a request without an answer counts as a wrong answer. Beside the scores the result
    has the speed at which they were reached, so `bench compare` of two runs shows both.

    \b
    ifeval   instructions whose following a rule can check
    gsm8k    word problems of grade school, judged by the number at the end
    ocr      characters, words and fields that were read from images: of
             the shipped receipts, or of --images FOLDER with a truth.json:
             {"page.jpg": {"text": "…", "fields": {"total": "12.50"}}}

    ifeval and gsm8k read their questions from --data FOLDER, and show DeepEval's own score beside ours.

    Options behind `--` go to the client; with --benchmark NAME, `-- --help` lists them.

    \b
    mmcompose eval run chat --data ~/evals
    mmcompose eval run ./model.gguf --data ~/evals --limit 100
    mmcompose eval run chat --data ~/evals --benchmark gsm8k -- --concurrency 16
    mmcompose eval run ocr --benchmark ocr --images ./invoices
    mmcompose eval run --benchmark gsm8k -- --help
    mmcompose bench compare RUN RUN
    """
    known = evals()
    benchmarks = benchmarks or tuple(name for name, kind in known.items() if kind.usual)
    for name in benchmarks:
        if name not in known:
            fail(f"no eval {name!r} ({nearest(name, known) or 'known: ' + ', '.join(known)})", 2)
    if wants_help(profile, arguments):
        tell_options([known[name].name for name in benchmarks])
        return
    more = [
        *(["--limit", str(limit)] if limit else []),
        *_more((profile, *arguments) if options["against"] else arguments),
    ]
    if not profile and not options["against"]:
        fail("name the profile, or the model, whose answers to score", 2)
    measure(folder, profile, [known[name].name for name in dict.fromkeys(benchmarks)], more, options)


def _more(arguments: Sequence[str | None]) -> list[str]:
    """The client's own options behind `--`."""
    more = [argument for argument in arguments if argument]
    if more and not more[0].startswith("-"):
        fail(f"one profile at a time, and {more[0]!r} is none of its options: a benchmark is named by --benchmark", 2)
    return more
