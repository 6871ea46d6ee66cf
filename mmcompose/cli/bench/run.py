"""`mmcompose bench run`: brings a profile up, measures it with containers beside it, and shows the results."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from mmcompose.cli.bench.client_help import tell_options, wants_help
from mmcompose.cli.bench.measuring import WithClient, measure, measuring
from mmcompose.cli.printing.output import fail
from mmcompose.cli.shell import completing
from mmcompose.cli.shell.options import any_profile_argument
from mmcompose.engines.known.benchmarks import contained


@click.command("run", cls=WithClient)
@any_profile_argument
@click.argument(
    "arguments", nargs=-1, metavar="[KIND…] [-- OPTION…]", type=click.UNPROCESSED, shell_complete=completing.kinds
)
@measuring
@click.pass_obj
def command(folder: str, /, profile: str | None, arguments: tuple[str, ...], **options: Any) -> None:
    """Measure PROFILE by the kinds of its `bench:` list, or by the named ones. Without PROFILE: a sanity check of
    each that is up. A failed sanity check ends the run: further kinds would measure a broken engine.

    PROFILE may also be a model without a profile: a GGUF file, a folder with safetensors or OpenVINO files, or
    OWNER/NAME on the model hub (OWNER/NAME/FILE.gguf). It runs on the project's default host and is taken down
    afterwards.

    A profile that was not up before stays up, and the last line shows how to take it down.

    Options behind `--` go to the client and override the preset. Exit code 4: something failed, and the result has
    the reason; 130: interrupted, and the measurements are kept.

    \b
    mmcompose bench run
    mmcompose bench run ocr
    mmcompose bench run ocr load -- --concurrency 1,2,4,8 --slo ttft=500ms,tpot=50ms
    mmcompose bench run ocr ocr-sweep --images ./receipts --output-csv sweep.csv
    mmcompose bench run ./model.gguf load --set args.ctx_size=4096
    mmcompose bench run --against http://10.0.0.5:8000 load -- --search knee
    """
    if wants_help(profile, arguments):
        tell_options([argument for argument in (profile or "", *arguments) if argument in contained()])
        return
    kinds, more = _split((profile, *arguments) if options["against"] and profile else arguments)
    measure(folder, profile, kinds, more, options)


def _split(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """The kinds, and the client's own options behind `--`."""
    first = next((place for place, argument in enumerate(arguments) if argument.startswith("-")), len(arguments))
    kinds, more = list(arguments[:first]), list(arguments[first:])
    if more and len(kinds) != 1:
        fail("options behind -- belong to one kind: name that kind", 2)
    return kinds, more
