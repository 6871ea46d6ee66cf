"""`mmcompose logs`: shows the output of the containers of profiles."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mmcompose.cli.printing.output import fail, note, say
from mmcompose.cli.shell.failing import docker
from mmcompose.cli.shell.here import root
from mmcompose.cli.shell.options import profiles_argument

if TYPE_CHECKING:
    from pathlib import Path

    from mmcompose.deploy.docker.engine import DockerEngine
    from mmcompose.deploy.docker.observe import Running


@click.command("logs")
@profiles_argument
@click.option("-f", "--follow", is_flag=True, help="Continue until the containers stop.")
@click.option(
    "-n", "--tail", type=click.IntRange(min=0), metavar="LINES", help="Show only the last lines of each container."
)
@click.option("--since", metavar="WHEN", help="Show only lines since then: 10m, 1h30m, 2026-01-01T00:00:00.")
@click.option("-t", "--timestamps", is_flag=True, help="Show the time of each line, by your own clock.")
@click.pass_obj
def command(
    folder: str, profiles: tuple[str, ...], follow: bool, tail: int | None, since: str | None, timestamps: bool
) -> None:
    """Show the output of the containers of PROFILES, also after they have stopped; without a name, of all that are
    up.

    A line marks each restart of a container.

    \b
    mmcompose logs
    mmcompose logs ocr --since 10m
    mmcompose logs -f ocr chat
    """
    from mmcompose.deploy.docker import logs

    if since is not None and not logs.is_moment(since):
        fail(f"--since {since!r}: write a span such as 10m or 1h30m, or a moment such as 2026-01-01T00:00:00", 2)
    with docker(profiles[0] if len(profiles) == 1 else "") as engine:
        found = _chosen(engine, root(folder), tuple(dict.fromkeys(profiles)))
        named = logs.names(found, several=len(profiles) != 1)
        read = logs.follow if follow else logs.lines
        for line in read(engine, named, found, logs.Options(tail, since or "", timestamps)):
            say(line)


def _chosen(engine: DockerEngine, place: Path, profiles: tuple[str, ...]) -> list[Running]:
    from mmcompose.core.hints import listing
    from mmcompose.deploy.docker.observe import deployments, observe
    from mmcompose.deploy.pick import refuse_unknown
    from mmcompose.files.gather.settings import profile_names, project_name

    found = {one.profile: one for one in deployments(observe(engine, project_name(place)))}
    if not profiles:
        up = [one for each in found.values() for one in (*each.fetching, *each.engines) if one.alive]
        if not up:
            note("nothing is up; `mmcompose logs PROFILE` also shows what has stopped")
        return up
    absent = [name for name in profiles if name not in found or not found[name].engines]
    refuse_unknown(absent, profile_names(place))
    if absent:
        fail(f"{listing(absent)} has no container; `mmcompose status` shows what is up", 1)
    return [one for name in profiles for one in (*found[name].fetching, *found[name].engines)]
