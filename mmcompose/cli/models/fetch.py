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
    from mmcompose.cli.models.at_work import AtWork, shown
    from mmcompose.deploy.models import store

    work = AtWork(folder)
    for one in work.wanted(names, every=every):
        options = [*one.options, *(["--refresh"] if refresh else [])]
        events = store.run(
            work.engine,
            work.store(one),
            "fetch",
            options,
            online=True,
            token=work.token(one),
            former=work.caches(one),
            hashes=work.hashes(one),
        )
        shown(events, style, one.name)
