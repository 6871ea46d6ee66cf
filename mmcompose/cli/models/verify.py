"""`mmcompose models verify`: reads every file of models again."""

from __future__ import annotations

import click

from mmcompose.cli.models.options import all_of_them, names_of_models, on_docker
from mmcompose.cli.shell.ending import EventCommand
from mmcompose.cli.shell.options import text_or_json


@click.command("verify", cls=EventCommand)
@names_of_models
@all_of_them
@text_or_json
@click.pass_obj
@on_docker
def command(folder: str, /, names: tuple[str, ...], every: bool, style: str) -> None:
    """Read every file of NAMES, which are models or profiles, in the store, and name the one that is wrong. It asks
    nobody: hashes come from the fetch, and from the model's lock if it has one.

    Exit code 4: a file is wrong or missing.

    \b
    mmcompose models verify --all
    """
    from mmcompose.cli.models.at_hand import ModelsAtHand
    from mmcompose.model.failure import Failure

    here = ModelsAtHand(folder)
    faults = []
    for one in here.needs(names, every=every):
        try:
            here.run(one, "verify", style)
        except Failure as failure:
            faults.append(str(failure))
    if faults:
        raise Failure("\n".join(faults), 4)
