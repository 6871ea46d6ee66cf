"""`mmcompose restart`: the same containers once more, until they answer."""

from __future__ import annotations

import click

from mmcompose.cli.printing.output import fail
from mmcompose.cli.printing.progress import Progress
from mmcompose.cli.shell.ending import EventCommand, about
from mmcompose.cli.shell.failing import explained
from mmcompose.cli.shell.here import compiled, profile_or_fail, root
from mmcompose.cli.shell.options import profiles_argument, text_or_json
from mmcompose.cli.shell.start_options import patience


@click.command("restart", cls=EventCommand)
@profiles_argument
@patience()
@text_or_json
@click.pass_obj
def command(folder: str, /, profiles: tuple[str, ...], timeout: float | None, style: str) -> None:
    """Restart the containers of PROFILES as they are, and wait until they answer.

    Changes of a profile since its start are ignored: `render` and `up` apply them. Exit code 1: it is not up; 4: it
    does not answer any more.

    \b
    mmcompose restart ocr
    """
    from mmcompose.deploy.handover.restart import restart
    from mmcompose.deploy.start.at_hand import AtHand

    if not profiles:
        fail("name a profile; `mmcompose status` shows what is up", 2)
    here = AtHand(root(folder), compiled(folder))
    for name in dict.fromkeys(profiles):
        profile_or_fail(here.made, name)
        order = here.order(about(name), timeout)
        progress = Progress(style)
        with explained(order, progress, stays=True) as engine:
            restart(engine, order, progress)
