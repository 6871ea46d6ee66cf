"""`mmcompose up`: bring a profile up and wait until it answers."""

from __future__ import annotations

from typing import Any

import click

from mmcompose.cli.bringing import bring, fresh, said, starting, wish
from mmcompose.cli.choosing import chosen
from mmcompose.cli.ending import Told, about
from mmcompose.cli.failing import located
from mmcompose.cli.output import fail, typed


@click.command("up", cls=Told)
@click.argument("profile", required=False)
@starting
@click.option("--take", is_flag=True, help="Stop the profiles that are in the way, as `switch` does.")
@click.pass_obj
def command(folder: str, /, profile: str | None, model: str | None, take: bool, **options: Any) -> None:
    """Bring PROFILE up from its committed files, and wait for its first answer.

    PROFILE may also be a model: the profile that serves it, or the choice between several. Exit code 1: files are out
    of date, or others are in the way; 4: it did not come up.

    \b
    mmcompose up ocr
    mmcompose up ocr --set args.max_num_seqs=8 --timeout 1200
    """
    wanted = wish(options, take=take, taking=typed("--take"))
    word = profile or model
    if not word:
        fail(located("say which profile; `mmcompose list` shows them"), 2)
    here = fresh(folder)
    name = about(chosen(here.made.profiles, word))
    bring(here, name, said(options, model if profile else None), wanted)
