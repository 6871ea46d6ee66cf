"""`mmcompose bench compare`: better, worse, the same, or not known."""

from __future__ import annotations

from pathlib import Path

import click

from mmcompose.cli.printing.output import note, say, say_json, writing
from mmcompose.cli.printing.table import width
from mmcompose.cli.shell import completing
from mmcompose.cli.shell.given_name import named
from mmcompose.cli.shell.here import runs as runs_of
from mmcompose.cli.shell.options import text_or_json


@click.command("compare")
@click.argument("before", callback=named, shell_complete=completing.runs)
@click.argument("after", nargs=-1, required=True, callback=named, shell_complete=completing.runs)
@click.option("--unlike", is_flag=True, help="Compare even if the loads differ.")
@click.option("--output-md", "output", metavar="FILE", help="Also write the Markdown, for a pull request.")
@text_or_json
@click.pass_obj
def command(folder: str, /, before: str, after: tuple[str, ...], unlike: bool, output: str | None, style: str) -> None:
    """Compare AFTER with BEFORE, each a run or a folder of repeats; with three repeats the runs decide.

    Exit code 3: something got worse; 1: the loads differ.

    \b
    mmcompose bench compare RUN RUN
    mmcompose bench compare results/main results/branch --output-md change.md
    """
    from mmcompose.bench.report import compare_text
    from mmcompose.bench.results.compare import compare

    base = runs_of(folder).several(before)
    found = [compare(base, runs_of(folder).several(name), unlike=unlike) for name in after]
    if output:
        with writing(output):
            Path(output).write_text("\n".join(compare_text.markdown(each) for each in found), "utf-8")
    if style == "json":
        say_json([each.data() for each in found])
    else:
        say("\n".join(compare_text.text(each, width()) for each in found).rstrip("\n"))
    if any(each.refused for each in found) and not unlike:
        note("they were not compared; add --unlike to compare them all the same")
        raise SystemExit(1)
    if any(each.regressions for each in found):
        raise SystemExit(3)
