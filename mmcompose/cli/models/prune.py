"""`mmcompose models prune`: removes what no profile uses from the store."""

from __future__ import annotations

import click

from mmcompose.cli.models.options import on_docker
from mmcompose.cli.printing.output import note, say
from mmcompose.cli.shell.ending import EventCommand
from mmcompose.cli.shell.options import text_or_json
from mmcompose.core.sizes import spoken


@click.command("prune", cls=EventCommand)
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@text_or_json
@click.pass_obj
@on_docker
def command(folder: str, /, yes: bool, style: str) -> None:
    """Show what lies in the store although no profile uses it, ask, and remove it. A folder that the host file names is
    yours: nothing is removed from it.

    \b
    mmcompose models prune
    """
    from mmcompose.cli.models.at_hand import ModelsAtHand
    from mmcompose.cli.models.job import shown
    from mmcompose.cli.models.list_ import inventory, unused
    from mmcompose.deploy.models import store
    from mmcompose.model.failure import Failure

    here = ModelsAtHand(folder)
    where = here.store()
    if where.machine.models:
        raise Failure(f"{where.source} is a folder of this machine, which only you may clear", 2)
    here.refuse_problems("prune would take what their profiles use for unused")
    there = inventory(here, where)
    found = unused(here, there)
    if not found:
        kept = "a profile uses every model in it" if there["repositories"] else "it is empty"
        note(f"nothing to remove from the store, {where.shown}: {kept}")
        return
    for one in found:
        say(f"{one['repository']}, {spoken(one['bytes'])}")
    if not (yes or click.confirm("Remove them from the store?", default=False, err=True)):
        raise Failure("nothing was removed", 1)
    for one in found:
        options = ("--repo", one["repository"], "--type", one["type"])
        shown(store.run(here.engine, where, "prune", options), style, one["repository"])
