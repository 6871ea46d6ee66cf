"""`mmcompose bench`: measures profiles, shows the results, and keeps them."""

from __future__ import annotations

import click

from mmcompose.cli.shell.groups import Lazy
from mmcompose.model.commands import Command

COMMANDS = {
    "run": Command("Measure a profile, or any endpoint.", "bench"),
    "compare": Command("Decide whether a run is better or worse than another.", "bench"),
    "list": Command("List the runs of the project.", "bench"),
    "show": Command("Show one run.", "bench"),
    "report": Command("Write one page of one run or several.", "bench"),
    "promote": Command("Write the limits that a run found into the profile.", "bench"),
    "vram": Command("Measure the GPU memory of profiles and of the vision zoo.", "bench"),
    "suite": Command("Measure a matrix of profiles, kinds and options.", "bench"),
}
"""The texts stand here so that help loads none of them."""


@click.group("bench", cls=Lazy, commands_by_name=COMMANDS)
def command() -> None:
    """Run benchmarks beside the engine, in containers that need no mmcompose, and use their results.

    \b
    mmcompose bench run ocr
    mmcompose bench compare RUN RUN
    docker compose --profile bench-ocr run --rm ocr-bench-load     # the same without mmcompose
    """
