"""`mmcompose pull`: have the images of profiles, before anything is started."""

from __future__ import annotations

from typing import Any

import click

from mmcompose.cli.printing.output import fail
from mmcompose.cli.shell.bringing import bring, fresh
from mmcompose.cli.shell.choosing import chosen
from mmcompose.cli.shell.ending import EventCommand, about
from mmcompose.cli.shell.options import profiles_argument
from mmcompose.cli.shell.start_options import Wish, fetching, overrides_of


@click.command("pull", cls=EventCommand)
@profiles_argument
@fetching
@click.pass_obj
def command(folder: str, /, profiles: tuple[str, ...], **options: Any) -> None:
    """Pull or build the images that PROFILES lack; start nothing. The same as `up --build-only`.

    \b
    mmcompose pull ocr sam3
    mmcompose pull ocr --rebuild      # again, also where they are here
    """
    if not profiles:
        fail("say which profile; `mmcompose list` shows them", 2)
    here = fresh(folder)
    shown = {name: options.pop(name) for name in ("rebuild", "verbose", "style")}
    wanted, values = Wish(build_only=True, **shown), overrides_of(options, None)
    for name in dict.fromkeys(chosen(here.made.profiles, profile) for profile in profiles):
        bring(here.with_values(about(name), values), name, wanted)
