"""`mmcompose test`: up, one whole answer of each service, down. For CI."""

from __future__ import annotations

from typing import Any

import click

from mmcompose.cli.lifecycle.foreground import tested
from mmcompose.cli.printing.output import typed
from mmcompose.cli.shell.bringing import bring, fresh
from mmcompose.cli.shell.choosing import chosen
from mmcompose.cli.shell.ending import EventCommand, about
from mmcompose.cli.shell.here import overrides
from mmcompose.cli.shell.options import profile_argument
from mmcompose.cli.shell.start_options import starting, taking, wish


@click.command("test", cls=EventCommand)
@profile_argument
@starting
@taking("; they stay down")
@click.option("--keep", is_flag=True, help="Leave it up.")
@click.pass_obj
def command(folder: str, /, profile: str, model: str | None, take: bool, keep: bool, **options: Any) -> None:
    """Bring PROFILE up, ask each of its services one whole question, take it down.

    A profile that was up before stays up, unchanged. Exit code 1: it is up with other values, or others are in the
    way; 4: it did not come up, or its answer is wrong.

    \b
    mmcompose test ocr-cpu
    mmcompose test ocr --set args.max_num_seqs=8 --keep
    """
    wanted = wish(options, take=take, taking=typed("--take"), stays=keep)
    here = fresh(folder, (profile,))
    name = about(chosen(here.made.profiles, profile))
    here = here.with_values(name, overrides({**options, "model": model}))
    if wanted.build_only:
        bring(here, name, wanted)
    else:
        tested(here, name, wanted)
