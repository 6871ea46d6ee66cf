"""`mmcompose stop-all`: everything down."""

from __future__ import annotations

import click

from mmcompose.cli.printing.output import note
from mmcompose.cli.shell.failing import docker
from mmcompose.cli.shell.here import root
from mmcompose.core.plain import one_line


@click.command("stop-all")
@click.option("--any-project", is_flag=True, help="Also take down the profiles of other projects on this machine.")
@click.pass_obj
def command(folder: str, any_project: bool) -> None:
    """Stop and remove the containers of all profiles; their volumes stay.

    \b
    mmcompose stop-all
    """
    with docker() as engine:
        from mmcompose.deploy.docker.observe import deployments, observe
        from mmcompose.deploy.handover import lock
        from mmcompose.deploy.start.down import sweep, take_down
        from mmcompose.files.gather.settings import project_name

        name = None if any_project else project_name(root(folder))
        found = deployments(observe(engine, name))
        for one in found:
            take_down(engine, one)
            note(one_line(f"{one.profile} is down"))
        if name is not None:
            sweep(engine, name)
        if left := lock.sweep(engine):
            note(one_line(left))
        if not found:
            note("nothing was up")
