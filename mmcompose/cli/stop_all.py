"""`mmcompose stop-all`: everything down."""

from __future__ import annotations

import click

from mmcompose.cli.failing import docker
from mmcompose.cli.here import root
from mmcompose.cli.naming import project_name
from mmcompose.cli.output import note


@click.command("stop-all")
@click.option("--any-project", is_flag=True, help="Also what other projects of this machine have up.")
@click.pass_obj
def command(folder: str, any_project: bool) -> None:
    """Stop and remove the containers of all profiles; their volumes stay."""
    with docker() as engine:
        from mmcompose.deploy.down import take_down
        from mmcompose.deploy.observe import deployments, observe

        found = deployments(observe(engine, None if any_project else project_name(root(folder))))
        for one in found:
            take_down(engine, one)
            note(f"{one.profile} is down")
        if not found:
            note("nothing was up")
