"""`mmcompose bench show`: one run as a table, with its warnings."""

from __future__ import annotations

import click

from mmcompose.cli.printing.output import say, say_json
from mmcompose.cli.printing.table import width
from mmcompose.cli.shell.here import runs as runs_of
from mmcompose.cli.shell.options import printed_as, run_argument


@click.command("show")
@run_argument
@printed_as("text", "json", "md")
@click.pass_obj
def command(folder: str, /, run: str, style: str) -> None:
    """Show RUN: a folder, the beginning or the end of a run's name, or `latest`.

    \b
    mmcompose bench show
    mmcompose bench show 20261120T06 --format json
    """
    from mmcompose.bench.kinds import known

    record = runs_of(folder).one(run)
    if style == "json":
        say_json(dict(record.result))
    else:
        kind = known.of(record.kind)
        text = f"{record.folder}\n{kind.text(record, width=width())}"
        say(kind.markdown(record).rstrip("\n") if style == "md" else text)
