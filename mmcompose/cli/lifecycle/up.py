"""`mmcompose up`: bring profiles up and wait until they answer."""

from __future__ import annotations

from typing import Any

import click

from mmcompose.cli.printing.output import typed
from mmcompose.cli.shell.bringing import start
from mmcompose.cli.shell.ending import EventCommand
from mmcompose.cli.shell.options import profiles_argument
from mmcompose.cli.shell.start_options import starting, taking, wish


@click.command("up", cls=EventCommand)
@profiles_argument
@starting
@taking()
@click.pass_obj
def command(folder: str, /, profiles: tuple[str, ...], take: bool, **options: Any) -> None:
    """Bring each PROFILE up from its committed files, one after the other, and wait for its first answer.

    PROFILE may also be a model: the profile that serves it, or the choice between several. After a failure no
    further profile is started. Exit code 1: files are out of date, or others are in the way; 4: it did not come up.

    \b
    mmcompose up ocr
    mmcompose up chat-cpu ocr-cpu
    mmcompose up ocr --set args.max_num_seqs=8 --timeout 3600
    """
    start(folder, profiles, wish(options, take=take, taking=typed("--take")), options)
