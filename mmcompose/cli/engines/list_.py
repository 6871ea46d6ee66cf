"""`mmcompose engines list`: whose flags are known, and how far."""

from __future__ import annotations

from typing import Any

import click

from mmcompose.cli.engines.known import history_of
from mmcompose.cli.printing.output import say, say_json
from mmcompose.cli.printing.table import table
from mmcompose.cli.shell.options import text_or_json
from mmcompose.core.columns import Fit


@click.command("list")
@text_or_json
def command(style: str) -> None:
    """List the engines whose flags are known, and how far.

    \b
    mmcompose engines list
    """
    from mmcompose.engines.known.histories import names

    rows = []
    for name in names():
        history = history_of(name)
        rows.append({
            "engine": name,
            "title": history.title,
            "from": history.versions[0],
            "to": history.versions[-1],
            "releases": len(history.versions),
            "complete": not history.sampled,
        })  # fmt: skip
    if style == "json":
        say_json(rows)
        return
    headers = ["ENGINE", "NAME", "FROM", "TO", "RELEASES"]
    cells = [[row["engine"], row["title"], row["from"], row["to"], _releases(row)] for row in rows]
    say(table(cells, headers, Fit(("RELEASES",), below=True)))


def _releases(row: dict[str, Any]) -> str:
    return str(row["releases"]) if row["complete"] else f"{row['releases']} sampled"
