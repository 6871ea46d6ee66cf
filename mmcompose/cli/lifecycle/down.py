"""`mmcompose down` and `stop-all`: stop and remove the containers of profiles."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from mmcompose.cli.printing.output import fail, note
from mmcompose.cli.shell.choosing import several_of
from mmcompose.cli.shell.failing import docker
from mmcompose.cli.shell.here import root
from mmcompose.cli.shell.options import profiles_argument
from mmcompose.core.plain import one_line

if TYPE_CHECKING:
    from mmcompose.deploy.docker.engine import DockerEngine


@contextmanager
def _sweeping() -> Iterator[DockerEngine]:
    """Yields Docker; removes the lock of a command that was killed, at the end."""
    from mmcompose.deploy.handover import lock

    with docker() as engine:
        yield engine
        if left := lock.sweep(engine):
            note(one_line(left))


@click.command("down")
@profiles_argument
@click.pass_obj
def down(folder: str, profiles: tuple[str, ...]) -> None:
    """Stop and remove the containers of PROFILES, whoever started them. Without a name it asks which of those
    that are up.

    Their volumes stay: they hold what was downloaded.

    \b
    mmcompose down ocr
    mmcompose down chat-cpu ocr-cpu
    """
    from mmcompose.core.hints import listing
    from mmcompose.deploy.docker.observe import deployments, observe
    from mmcompose.deploy.start.down import sweep, take_down
    from mmcompose.files.gather.settings import profile_names, project_name

    with _sweeping() as engine:
        place = root(folder)
        name, known = project_name(place), profile_names(place)
        found = {one.profile: one for one in deployments(observe(engine, name))}
        if not profiles:
            profiles = several_of(found, "take down", "`mmcompose stop-all` takes down everything")
        for profile in dict.fromkeys(profiles):
            if profile in found:
                take_down(engine, found[profile])
                note(f"{profile} is down")
            elif profile in known:
                for compose_project in (name, f"{name}-{profile}"):
                    sweep(engine, compose_project, profile)
                note(f"{profile} was not up")
    unknown = [profile for profile in profiles if profile not in found and profile not in known]
    if unknown:
        alive = ", ".join(name for name, one in found.items() if one.alive and name not in profiles) or "nothing"
        fail(one_line(f"there is no profile {listing(map(repr, unknown))}, and nothing of it runs; up: {alive}"), 2)


@click.command("stop-all")
@click.option("--any-project", is_flag=True, help="Also take down the profiles of other projects on this machine.")
@click.pass_obj
def stop_all(folder: str, any_project: bool) -> None:
    """Stop and remove the containers of all profiles; their volumes stay.

    \b
    mmcompose stop-all
    """
    from mmcompose.deploy.docker.observe import deployments, observe
    from mmcompose.deploy.start.down import sweep, take_down
    from mmcompose.files.gather.settings import project_name

    with _sweeping() as engine:
        name = None if any_project else project_name(root(folder))
        found = deployments(observe(engine, name))
        for one in found:
            take_down(engine, one)
            note(one_line(f"{one.profile} is down"))
        if name is not None:
            sweep(engine, name)
    if not found:
        note("nothing was up")
