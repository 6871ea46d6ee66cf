"""`mmcompose bench`: measure, look at what was measured, and keep it."""

from __future__ import annotations

import importlib

import click

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
"""Each is `mmcompose.cli.bench_<name>.command`. The texts stand here so that help loads none of them."""


class Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - Click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"mmcompose.cli.bench_{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group("bench", cls=Commands)
def command() -> None:
    """Benchmarks beside the engine: containers that need nothing of mmcompose, and what becomes of their results.

    \b
    mmcompose bench run ocr
    mmcompose bench compare RUN RUN
    docker compose --profile bench-ocr run --rm ocr-bench-load     # the same without mmcompose
    """
