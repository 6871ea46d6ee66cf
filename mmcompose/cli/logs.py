"""`mmcompose logs`: what the containers of a profile print."""

from __future__ import annotations

import click

from mmcompose.cli.failing import docker
from mmcompose.cli.here import profile_argument, root
from mmcompose.cli.naming import project_name
from mmcompose.cli.output import fail, say


@click.command("logs")
@profile_argument
@click.option("-f", "--follow", is_flag=True, help="Go on until the containers stop.")
@click.option("-n", "--tail", type=click.IntRange(min=0), metavar="LINES", help="Only the last lines.")
@click.pass_obj
def command(folder: str, profile: str, follow: bool, tail: int | None) -> None:
    """Show what the containers of PROFILE print, also after they have stopped."""
    with docker(profile) as engine:
        from mmcompose.deploy import logs
        from mmcompose.deploy.observe import observe

        found = [one for one in observe(engine, project_name(root(folder)), profile) if one.serves]
        if not found:
            fail(f"no container of {profile} is there; `mmcompose status` shows what is up", 1)
        read = logs.follow if follow else logs.lines
        for line in read(engine, found, tail):
            say(line)
