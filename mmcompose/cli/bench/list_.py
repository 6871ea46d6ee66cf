"""`mmcompose bench list`: lists the runs."""

from __future__ import annotations

from typing import Any

import click

from mmcompose.cli.printing.output import note, say, say_json
from mmcompose.cli.printing.table import table
from mmcompose.cli.shell import completing
from mmcompose.cli.shell.here import runs
from mmcompose.cli.shell.options import any_profile_argument, text_or_json
from mmcompose.core.columns import Fit


@click.command("list")
@any_profile_argument
@click.option("--kind", metavar="KIND", shell_complete=completing.results, help="Only runs of this kind.")
@text_or_json
@click.pass_obj
def command(folder: str, /, profile: str | None, kind: str | None, style: str) -> None:
    """List the runs in benchmarks/results, the newest last. Exit code 1: there are runs, and none is of this kind.

    \b
    mmcompose bench list
    mmcompose bench list ocr --kind load
    """
    from mmcompose.bench.results.facts import summary

    every = [summary(record) for record in runs(folder).all()]
    rows = [row for row in every if profile in (None, row["name"]) and kind in (None, row["kind"])]
    if style == "json":
        say_json(rows)
    elif rows:
        say(table([_shown(row) for row in rows], [name.upper() for name in rows[0]], _FIT))
    elif every:
        _tell_none(every, profile, kind)
        raise SystemExit(1)
    else:
        note("no runs yet: `mmcompose bench run PROFILE` makes one")


def _tell_none(every: list[dict[str, Any]], profile: str | None, kind: str | None) -> None:
    """Names the filters that fit no run, kind or profile, and the existing ones."""
    from mmcompose.core.hints import nearest

    requested = [f"of kind {kind!r}"] if kind else []
    requested += [f"of {profile!r}"] if profile else []
    hints = []
    for value, key in ((kind, "kind"), (profile, "name")):
        known = {str(row[key]) for row in every}
        if value and value not in known:
            hints.append(nearest(value, known))
    hint = "; ".join(filter(None, hints))
    note(f"no run {' '.join(requested)} among {len(every)}{f' ({hint})' if hint else ''}")


_FIT = Fit(("POINTS", "STARTED", "NAME", "BEST"), whole=("RUN", "STARTED"))
"""Columns that a narrow terminal leaves out; a run's name holds its time and what was measured."""


def _shown(row: dict[str, Any]) -> list[str]:
    from mmcompose.deploy.moments import local

    return [local(row["started"]) if name == "started" else str(value) for name, value in row.items()]
