"""`mmcompose models adopt`: moves models from the caches of engines into the store."""

from __future__ import annotations

import click

from mmcompose.cli.models.options import all_of_them, names_of_models, on_docker
from mmcompose.cli.printing.output import note
from mmcompose.cli.shell.ending import EventCommand
from mmcompose.cli.shell.options import text_or_json


@click.command("adopt", cls=EventCommand)
@names_of_models
@all_of_them
@text_or_json
@click.pass_obj
@on_docker
def command(folder: str, /, names: tuple[str, ...], every: bool, style: str) -> None:
    """Move the weights of NAMES, which are models or profiles, from the caches in which engines kept them. `fetch`
    copies from there, which needs room for both; this moves one file after the other, and removes each source once its
    copy is right. It goes on where it was stopped.

    \b
    mmcompose models adopt --all
    """
    from mmcompose.cli.models.at_hand import ModelsAtHand

    here = ModelsAtHand(folder)
    for one in here.needs(names, every=every):
        caches = here.caches(one)
        if not caches or "--url" in one.options:
            note(f"{one.name}: no cache of an engine is here")
            continue
        here.run(one, "adopt", style, former=caches)
