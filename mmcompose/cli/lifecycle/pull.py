"""`mmcompose pull`: gets the images of profiles, and starts nothing."""

from __future__ import annotations

from typing import Any

import click

from mmcompose.cli.shell.bringing import start
from mmcompose.cli.shell.ending import EventCommand
from mmcompose.cli.shell.options import profiles_argument
from mmcompose.cli.shell.start_options import Wish, fetching


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
    shown = {name: options[name] for name in ("rebuild", "verbose", "style")}
    start(folder, profiles, Wish(build_only=True, **shown), options)
