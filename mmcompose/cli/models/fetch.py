"""`mmcompose models fetch`: gets models into the store."""

from __future__ import annotations

import click

from mmcompose.cli.models.options import all_of_them, names_of_models, on_docker
from mmcompose.cli.shell.ending import EventCommand
from mmcompose.cli.shell.options import text_or_json


@click.command("fetch", cls=EventCommand)
@names_of_models
@all_of_them
@click.option("--refresh", is_flag=True, help="Ask the hub also where everything is there: a branch may have moved.")
@text_or_json
@click.pass_obj
@on_docker
def command(folder: str, /, names: tuple[str, ...], every: bool, refresh: bool, style: str) -> None:
    """Get NAMES, which are models or profiles, into the store. What is there is not fetched again, and what was
    interrupted goes on. Each file is held against the hub's hash, and against the model's lock if it has one.

    \b
    mmcompose models fetch ocr qwen-small
    mmcompose models fetch --all
    """
    from mmcompose.cli.models.at_hand import ModelsAtHand

    here = ModelsAtHand(folder)
    for one in here.needs(names, every=every):
        options = ["--refresh"] if refresh else []
        former = here.caches(one)
        here.run(one, "fetch", style, options, online=True, token=here.token(one), former=former)
