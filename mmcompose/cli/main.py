"""The command line: names the commands and loads the requested one."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterable
from typing import Any

import click

from mmcompose import __version__
from mmcompose.cli.printing import last, streams
from mmcompose.cli.printing.output import failure_of, note, say_error, show
from mmcompose.cli.shell.given_name import named
from mmcompose.cli.shell.groups import Lazy
from mmcompose.deploy.interruption import Interrupted, deafen
from mmcompose.model.commands import ALIASES, COMMANDS, Command, of_family
from mmcompose.model.failure import Failure

ELSEWHERE = {
    "stop": "`down PROFILE` ends a profile; its volumes stay",
    "start": "`up PROFILE` starts a profile",
    "rm": "`down PROFILE` removes the containers of a profile; its volumes stay",
    "kill": "`down PROFILE` ends a profile",
    "build": "`pull PROFILE` builds the images that are built",
    "config": "`explain PROFILE` shows where a value comes from; `render` writes the compose files",
    "diff": "`render --diff` shows what would change",
    "exec": "`docker compose exec` does that",
    "run": "`up PROFILE` starts a profile; `bench run PROFILE` measures it",
    "top": "`status --watch` shows what runs",
    "images": "`status` shows the image of each profile; `list` its release",
    "version": "`mmcompose --version`",
    "check": "`validate` checks the profiles; `render --check` the committed files",
}
"""Commands that people know from Compose and similar programs, and the commands to type here."""


class Main(Lazy):
    """The commands, and those that the project at hand declares as short names."""

    def commands_of(self, ctx: click.Context) -> dict[str, Command]:
        from mmcompose.files.gather.settings import short_names

        folder = _folder(ctx)
        found: dict[str, Command] = {}
        for name, command in COMMANDS.items():
            found[name] = command
            if name == "switch":
                found |= {family: of_family(family) for family in short_names(folder)}
        return found

    def instead_of(self, ctx: click.Context, name: str, known: Iterable[str]) -> str:
        from pathlib import Path

        from mmcompose.files.gather.settings import profile_names

        switch = f"`{ctx.command_path} switch {name}` starts the profile of this name"
        return switch if name in profile_names(Path(_folder(ctx))) else super().instead_of(ctx, name, known)

    def invoke(self, ctx: click.Context) -> Any:
        """Runs a command. Reports an interruption once: here, unless the command has done it. Failures name the
        project at hand."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as stop:
            if not isinstance(stop, Interrupted):
                note("interrupted")
            raise click.Abort from stop
        except Failure as failure:
            from mmcompose.cli.shell.failing import locate

            raise locate(failure) from failure.__cause__


def _folder(ctx: click.Context) -> str:
    return ctx.params.get("project") or "."


@click.group(
    cls=Main,
    commands_by_name=COMMANDS,
    aliases=ALIASES,
    elsewhere=ELSEWHERE,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, "-V", "--version", message="mmcompose %(version)s")
@click.option(
    "-C",
    "--project",
    "project",
    callback=named,
    is_eager=True,  # help lists the short names of this project
    metavar="FOLDER",
    default=".",
    help="The project, or a folder inside it.",
)
@click.pass_context
def main(ctx: click.Context, project: str) -> None:
    """Profiles in, reviewed compose files out.

    \b
    mmcompose init demo && cd demo
    mmcompose render
    docker compose --profile ocr up
    """
    ctx.obj = project


def run() -> None:
    """Starts the program: every expected failure is one message and an exit code, never a traceback."""
    try:
        streams.prepare()
        code = _code()
    except KeyboardInterrupt:
        code = last.interrupted()
    deafen()
    gc.freeze()  # the system takes all memory back at once; looking for garbage before takes a tenth of the time
    sys.exit(code)


def _code() -> int | str | None:
    """Runs the typed command, prints its failure, and returns the exit code."""
    try:
        # Without standalone mode Click hands back the code of `ctx.exit(code)` instead of ending with it.
        code = main(prog_name="mmcompose", standalone_mode=False)
    except SystemExit as ended:
        return ended.code
    except Failure as failure:
        show(failure)
        return failure.code
    except click.exceptions.Abort:
        return last.interrupted()
    except click.exceptions.NoArgsIsHelpError as error:
        note(error.format_message())
        return error.exit_code
    except click.ClickException as error:
        if isinstance(error, click.UsageError) and error.ctx is not None:
            note(f"{error.ctx.get_usage()}\nTry '{error.ctx.command_path} --help' for help.\n")
        say_error(error.format_message())
        return error.exit_code
    except streams.UnreadError as unread:
        if not unread.gone:
            say_error(f"standard output cannot be written: {unread.why}")
        return 0 if unread.gone else 4
    except OSError as error:
        refused = failure_of(error)
        show(refused)
        return refused.code
    return code if isinstance(code, int) else 0
