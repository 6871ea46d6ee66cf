"""`mmcompose switch`: hand the GPU over to a profile."""

from __future__ import annotations

from typing import Any

import click

from mmcompose.cli.shell.bringing import start
from mmcompose.cli.shell.ending import EventCommand
from mmcompose.cli.shell.options import any_profile_argument
from mmcompose.cli.shell.start_options import starting, wish


@click.command("switch", cls=EventCommand)
@any_profile_argument
@starting
@click.pass_obj
def command(folder: str, /, profile: str | None, **options: Any) -> None:
    """Stop the profiles in the way of PROFILE, bring it up, and wait for its first answer.

    If PROFILE does not come up, the stopped profiles come back. PROFILE may also be a model.

    \b
    mmcompose switch sam3
    mmcompose sam3                 # the same
    mmcompose ocr zai-org/GLM-OCR  # by the model, among the profiles ocr and ocr-*
    """
    start(folder, (profile,) if profile else (), wish(options, take=True), options)
