"""Commands that start profiles: `up`, `switch`, the short names that a project declares, and `pull`."""

from __future__ import annotations

from typing import Any

import click

from mmcompose.cli.lifecycle.foreground import in_foreground
from mmcompose.cli.printing.output import typed
from mmcompose.cli.shell import completing
from mmcompose.cli.shell.bringing import start
from mmcompose.cli.shell.ending import EventCommand
from mmcompose.cli.shell.given_name import named
from mmcompose.cli.shell.options import any_profile_argument, profiles_argument
from mmcompose.cli.shell.start_options import Wish, fetching, starting, taking, wish


@click.command("up", cls=EventCommand)
@profiles_argument
@starting
@taking()
@click.pass_obj
def up(folder: str, /, profiles: tuple[str, ...], take: bool, **options: Any) -> None:
    """Bring each PROFILE up from its committed files, one after the other, and wait for its first answer.

    PROFILE may also be a model: the profile that serves it, or the choice between several. After a failure no
    further profile is started. Exit code 1: files are out of date, or others are in the way; 4: it did not come up.

    \b
    mmcompose up ocr
    mmcompose up chat-cpu ocr-cpu
    mmcompose up ocr --set args.max_num_seqs=8 --timeout 3600
    """
    start(folder, profiles, wish(options, take=take, taking=typed("--take")), options)


@click.command("switch", cls=EventCommand)
@any_profile_argument
@starting
@click.option(
    "-f",
    "--follow",
    is_flag=True,
    help="Stay in the foreground with its log, and take it down at the end; exit code 0.",
)
@click.pass_obj
def switch(folder: str, /, profile: str | None, follow: bool, **options: Any) -> None:
    """Stop the profiles in the way of PROFILE, bring it up, and wait for its first answer.

    If PROFILE does not come up, the stopped profiles come back. PROFILE may also be a model.

    With `--follow` it runs until Ctrl-C, SIGTERM or another command ends it, as systemd and other process managers
    want it: then it is down, and the exit code 0. Exit code 4: it did not come up, or ended by itself.

    \b
    mmcompose switch sam3
    mmcompose switch ocr --follow
    mmcompose sam3                 # the same
    mmcompose ocr zai-org/GLM-OCR  # by the model, among the profiles ocr and ocr-*
    """
    run = in_foreground if follow and not options["build_only"] else None
    start(folder, (profile,) if profile else (), wish(options, take=True, stays=not follow), options, run=run)


@click.command(cls=EventCommand, context_settings={"max_content_width": 100})
@click.argument("wanted", metavar="[MODEL]", required=False, callback=named, shell_complete=completing.models)
@starting
@click.pass_context
def short(ctx: click.Context, /, wanted: str | None, **options: Any) -> None:
    """Short for `switch`: the profile of this name, or the one of its family that serves MODEL.

    MODEL is a repository, the name of a model's file, or a profile.

    \b
    mmcompose ocr
    mmcompose ocr deepseek-ai/DeepSeek-OCR-2
    """
    names = (wanted,) if wanted else ()
    start(ctx.obj, names, wish(options, take=True), options, family=str(ctx.info_name))


@click.command("pull", cls=EventCommand)
@profiles_argument
@fetching
@click.pass_obj
def pull(folder: str, /, profiles: tuple[str, ...], **options: Any) -> None:
    """Pull or build the images that PROFILES lack; start nothing. The same as `up --build-only`.

    \b
    mmcompose pull ocr sam3
    mmcompose pull ocr --rebuild      # again, also where they are here
    """
    shown = {name: options[name] for name in ("rebuild", "verbose", "style")}
    start(folder, profiles, Wish(build_only=True, **shown), options)
