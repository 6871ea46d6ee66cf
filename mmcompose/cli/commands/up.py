"""`mmcompose up`: bring profiles up and wait until they answer."""

from __future__ import annotations

from typing import Any

import click

from mmcompose.cli.printing.output import fail, typed
from mmcompose.cli.shell.bringing import bring, fresh
from mmcompose.cli.shell.choosing import chosen
from mmcompose.cli.shell.ending import EventCommand, about
from mmcompose.cli.shell.options import profiles_argument
from mmcompose.cli.shell.start_options import overrides_of, starting, wish


@click.command("up", cls=EventCommand)
@profiles_argument
@starting
@click.option("--take", is_flag=True, help="Stop the profiles that are in the way, as `switch` does.")
@click.pass_obj
def command(folder: str, /, profiles: tuple[str, ...], model: str | None, take: bool, **options: Any) -> None:
    """Bring each PROFILE up from its committed files, one after the other, and wait for its first answer.

    PROFILE may also be a model: the profile that serves it, or the choice between several. What comes after one that
    fails is not begun. Exit code 1: files are out of date, or others are in the way; 4: it did not come up.

    \b
    mmcompose up ocr
    mmcompose up chat-cpu ocr-cpu
    mmcompose up ocr --set args.max_num_seqs=8 --timeout 3600
    """
    wanted = wish(options, take=take, taking=typed("--take"))
    if model and len(profiles) > 1:
        fail("--model is for one profile: name one, or call `up` once for each", 2)
    names_or_models = profiles or ((model,) if model else ())
    if not names_or_models:
        fail("say which profile; `mmcompose list` shows them", 2)
    here = fresh(folder)
    values = overrides_of(options, model if profiles else None)
    for name in dict.fromkeys(chosen(here.made.profiles, name_or_model) for name_or_model in names_or_models):
        bring(here.with_values(about(name), values), name, wanted)
