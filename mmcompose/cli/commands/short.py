"""`mmcompose ocr [MODEL]` and `mmcompose sam3 [MODEL]`: short for `switch`, among the profiles of that name."""

from __future__ import annotations

from typing import Any

import click

from mmcompose.cli.shell import completing
from mmcompose.cli.shell.bringing import bring, fresh
from mmcompose.cli.shell.choosing import chosen
from mmcompose.cli.shell.ending import EventCommand, about
from mmcompose.cli.shell.given_name import named
from mmcompose.cli.shell.start_options import overrides_of, starting, wish


@click.command(cls=EventCommand, context_settings={"max_content_width": 100})
@click.argument("wanted", metavar="[MODEL]", required=False, callback=named, shell_complete=completing.models)
@starting
@click.pass_context
def command(ctx: click.Context, /, wanted: str | None, model: str | None, **options: Any) -> None:
    """Short for `switch`: the profile of this name, or the one of its family that serves MODEL.

    MODEL is a repository, the name of a model's file, or a profile.
    """
    family = str(ctx.info_name)
    name_or_model = wanted or model or family
    here = fresh(ctx.obj)
    name = about(chosen(here.made.profiles, name_or_model, family))
    values = overrides_of(options, model if wanted else None)
    bring(here.with_values(name, values), name, wish(options, take=True))
