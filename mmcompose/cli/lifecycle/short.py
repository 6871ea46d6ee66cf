"""`mmcompose ocr [MODEL]`: short for `switch`, among the profiles of that name. `short_names:` declares such names."""

from __future__ import annotations

from typing import Any

import click

from mmcompose.cli.shell import completing
from mmcompose.cli.shell.bringing import start
from mmcompose.cli.shell.ending import EventCommand
from mmcompose.cli.shell.given_name import named
from mmcompose.cli.shell.start_options import starting, wish


@click.command(cls=EventCommand, context_settings={"max_content_width": 100})
@click.argument("wanted", metavar="[MODEL]", required=False, callback=named, shell_complete=completing.models)
@starting
@click.pass_context
def command(ctx: click.Context, /, wanted: str | None, **options: Any) -> None:
    """Short for `switch`: the profile of this name, or the one of its family that serves MODEL.

    MODEL is a repository, the name of a model's file, or a profile.

    \b
    mmcompose ocr
    mmcompose ocr deepseek-ai/DeepSeek-OCR-2
    """
    names = (wanted,) if wanted else ()
    start(ctx.obj, names, wish(options, take=True), options, family=str(ctx.info_name))
