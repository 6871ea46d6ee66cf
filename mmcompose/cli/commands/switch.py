"""`mmcompose switch`: hand the GPU over to a profile."""

from __future__ import annotations

from typing import Any

import click

from mmcompose.cli.printing.output import fail
from mmcompose.cli.shell import completing
from mmcompose.cli.shell.bringing import bring, fresh
from mmcompose.cli.shell.choosing import chosen
from mmcompose.cli.shell.ending import EventCommand, about
from mmcompose.cli.shell.given_name import named
from mmcompose.cli.shell.start_options import overrides_of, starting, wish


@click.command("switch", cls=EventCommand)
@click.argument("profile", required=False, callback=named, shell_complete=completing.profiles)
@starting
@click.pass_obj
def command(folder: str, /, profile: str | None, model: str | None, **options: Any) -> None:
    """Stop what is in the way of PROFILE, bring it up, and wait for its first answer.

    What was stopped is brought back when PROFILE does not come up. PROFILE may also be a model.

    \b
    mmcompose switch sam3
    mmcompose sam3                 # the same
    mmcompose ocr zai-org/GLM-OCR  # by the model, among the profiles ocr and ocr-*
    """
    wanted = wish(options, take=True)
    name_or_model = profile or model
    if not name_or_model:
        fail("say which profile; `mmcompose list` shows them", 2)
    here = fresh(folder)
    name = about(chosen(here.made.profiles, name_or_model))
    bring(here.with_values(name, overrides_of(options, model if profile else None)), name, wanted)
