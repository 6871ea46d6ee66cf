"""`mmcompose engines diff`: shows the changes between two releases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from mmcompose.cli.engines.known import history_of, say_changes, shown_for
from mmcompose.cli.printing.output import note, say_json
from mmcompose.cli.shell import completing
from mmcompose.cli.shell.given_name import named
from mmcompose.cli.shell.options import engine_argument, text_or_json

if TYPE_CHECKING:
    from mmcompose.engines.flags.changes import FlagChange


@click.command("diff")
@engine_argument
@click.argument("old", callback=named, shell_complete=completing.releases)
@click.argument("new", callback=named, shell_complete=completing.releases)
@text_or_json
def command(engine: str, old: str, new: str, style: str) -> None:
    """Show what changed in the flags of ENGINE from version OLD to NEW.

    \b
    mmcompose engines diff vllm 0.16.0 0.33.0
    """
    from mmcompose.engines.flags.changes import diff as differences

    history = history_of(engine)
    before, after = shown_for(history, old), shown_for(history, new)
    changes = differences(history, before, after)
    if style == "json":
        say_json([_change(change) for change in changes])
        return
    say_changes(changes)
    some = f"{len(changes)} difference{'' if len(changes) == 1 else 's'}"
    note(f"{some} between {history.title} {before} and {after}")


def _change(change: FlagChange) -> dict[str, Any]:
    return {
        "flag": ".".join(map(str, change.path)),
        "change": change.kind,
        "message": change.message,
        "hint": change.hint,
    }
