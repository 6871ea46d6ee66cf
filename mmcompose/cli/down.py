"""`mmcompose down`: stop and remove the containers of profiles."""

from __future__ import annotations

import click

from mmcompose.cli.failing import docker
from mmcompose.cli.here import root
from mmcompose.cli.naming import project_name
from mmcompose.cli.output import fail, note


@click.command("down")
@click.argument("profiles", nargs=-1, required=True)
@click.pass_obj
def command(folder: str, profiles: tuple[str, ...]) -> None:
    """Stop and remove the containers of PROFILES, whoever started them.

    Their volumes stay: they hold what was downloaded.
    """
    with docker() as engine:
        from mmcompose.deploy.down import take_down
        from mmcompose.deploy.observe import deployments, observe

        name = project_name(root(folder))
        found = {one.profile: one for one in deployments(observe(engine, name))}
        missing = [profile for profile in profiles if profile not in found]
        for profile in profiles:
            if profile in found:
                take_down(engine, found[profile])
                note(f"{profile} is down")
        if missing:
            up = ", ".join(found) or "nothing"
            fail(f"nothing of {', '.join(missing)} is there; up: {up}", 0 if set(missing) <= _known(folder) else 2)


def _known(folder: str) -> set[str]:
    return {path.stem for path in (root(folder) / "profiles").glob("*.yaml")}
