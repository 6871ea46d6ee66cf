"""`mmcompose status`: what is up, who owns which GPU."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mmcompose.cli.failing import docker
from mmcompose.cli.here import compiled, root
from mmcompose.cli.naming import project_name
from mmcompose.cli.output import note, say, say_json
from mmcompose.cli.plain import one_line
from mmcompose.cli.table import table

if TYPE_CHECKING:
    from mmcompose.deploy.status import Row
    from mmcompose.model import Stack

_HEADERS = ("PROFILE", "PHASE", "GPU", "PORTS", "SINCE", "STARTED BY", "IMAGE")
_LEAST = ("IMAGE", "STARTED BY", "SINCE")


@click.command("status")
@click.option("--check", is_flag=True, help="Exit 1 when something that runs differs from its committed file.")
@click.option("--format", "style", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_obj
def command(folder: str, check: bool, style: str) -> None:
    """Show all profiles: how far each has come, which GPUs and ports it holds, whether it is what its file says."""
    place = root(folder)
    name = project_name(place)
    with docker() as engine:
        from mmcompose.deploy import status

        found = status.rows(engine, place, name, _stack(folder))
        unfinished = status.unfinished(engine)
    if style == "json":
        say_json([row.data() for row in found])
    else:
        say(table([_cells(row, name) for row in found], _HEADERS, _LEAST))
        for row in found:
            for reason in (*row.notes, *row.drift):
                note(one_line(f"{row.profile}: {reason}"))
        if unfinished:
            note(one_line(f"hand-over: {unfinished}"))
    if check and any(row.drift for row in found):
        raise SystemExit(1)


def _stack(folder: str) -> Stack | None:
    """What runs is shown even where profiles are broken; then only containers are told of."""
    made = compiled(folder)
    stack = made.stack
    if made.documents.problems:
        note("some files have problems, see `mmcompose validate`")
    return stack


def _cells(row: Row, project: str) -> tuple[str, ...]:
    from mmcompose.deploy.status import restarted

    name = row.profile if row.project == project else f"{row.project}/{row.profile}"
    images = ", ".join(f"{one.name}@{one.digest[:19]}" if one.digest else one.name for one in row.images)
    shown = (
        f"{row.phase}, {restarted(row.restarts)}"
        if row.restarts and row.phase not in ("stopped", "down")
        else row.phase
    )
    return (name, shown, ",".join(row.gpus), ",".join(map(str, row.ports)), row.since, row.started_by, images)
