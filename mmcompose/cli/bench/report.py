"""`mmcompose bench report`: one page that works from a file."""

from __future__ import annotations

from pathlib import Path

import click

from mmcompose.cli.printing.output import fail, note, writing
from mmcompose.cli.shell import completing
from mmcompose.cli.shell.given_name import named
from mmcompose.cli.shell.here import runs as runs_of


@click.command("report")
@click.argument("runs", nargs=-1, required=True, callback=named, shell_complete=completing.runs)
@click.option("--output", "-o", metavar="FILE", help="The file to write; by default report.html in the run's folder.")
@click.pass_obj
def command(folder: str, /, runs: tuple[str, ...], output: str | None) -> None:
    """Write one self-contained HTML page of RUNS: tables, curves, and warnings about the figures.

    \b
    mmcompose bench report latest
    mmcompose bench report RUN RUN --output compare.html
    """
    from mmcompose.bench.report import page_text
    from mmcompose.bench.whole_files import replace

    records = list({record.folder: record for name in runs for record in runs_of(folder).several(name)}.values())
    if output is None and len(records) > 1:
        fail("several runs make one page: name its file with --output FILE", 2)
    place = Path(output) if output else records[0].folder / "report.html"
    with writing(place):
        replace(place, page_text.page(records))
    note(f"wrote {place}")
