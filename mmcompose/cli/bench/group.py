"""`mmcompose bench`: measure, look at what was measured, and keep it."""

from __future__ import annotations

import click

from mmcompose.cli.shell.groups import Lazy

COMMANDS = {
    "run": "Measure a profile, or any endpoint.",
    "compare": "Tell whether a run is better or worse than another.",
    "list": "List the runs of the project.",
    "show": "Show one run.",
    "report": "Write one page of one run or several.",
    "promote": "Keep what a run found in the profile.",
    "vram": "Measure the GPU memory of profiles and of the vision zoo.",
    "suite": "Measure a matrix of profiles, kinds and options.",
}
"""Each is `mmcompose.cli.bench.<name>.command`. The texts stand here so that help loads none of them."""


@click.group("bench", cls=Lazy, texts=COMMANDS, package="mmcompose.cli.bench")
def command() -> None:
    """Benchmarks beside the engine: containers that need nothing of mmcompose, and what becomes of their results.

    \b
    mmcompose bench run ocr
    mmcompose bench compare RUN RUN
    docker compose --profile bench-ocr run --rm ocr-bench-load     # the same without mmcompose
    """
