"""`mmcompose render`: brings compose/ up to date, shows the changes, or checks that there are none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mmcompose.cli.printing.output import FORMATS, fail, note, report, say
from mmcompose.cli.shell.here import root
from mmcompose.cli.shell.options import printed_as
from mmcompose.core.plain import one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mmcompose.files.write.artifacts import FileChange, Kind
    from mmcompose.files.write.render import Outcome


_SHOWN = 3


@click.command("render")
@click.option(
    "--check", is_flag=True, help="Write nothing; exit with 1 if something would change, or a file lies beside."
)
@click.option("--diff", is_flag=True, help="Write nothing; show the changes.")
@click.option("--force", is_flag=True, help="Overwrite files that were edited by hand.")
@click.option(
    "--no-short-cut", is_flag=True, help="Go through every stage even when nothing has changed since the last render."
)
@printed_as(*FORMATS)
@click.pass_obj
def command(folder: str, check: bool, diff: bool, force: bool, no_short_cut: bool, style: str) -> None:
    """Write the compose files of all profiles.

    It writes only changed files. Exit code 0: fine; 1: out of date or with a file beside them that changes their
    effect (--check), or refused; 2: problems.

    \b
    mmcompose render
    mmcompose render --diff
    mmcompose render --check      # in CI
    """
    import gc
    import time

    from mmcompose.files.write import render

    # A render lives for a moment and makes no cycles: collecting them costs a sixteenth of it.
    gc.disable()
    place = root(folder)
    if check or diff:
        outcome = render.look(place, time.strftime("%Y-%m-%d") if check else None)
    else:
        outcome = render.render(place, force=force, short_cut=not no_short_cut)
    if outcome.fresh:
        note("up to date")
        return
    report([*outcome.problems, *outcome.beside], style)
    if outcome.failed:
        raise SystemExit(2)
    if diff:
        _show(outcome.different)
    if check or diff:
        _tell_different(outcome, check)
    elif outcome.refused and not force:
        _refuse(outcome)
    else:
        _tell_written(outcome)


def _show(changes: Sequence[FileChange]) -> None:
    from mmcompose.files.write.show import diff_of

    for change in changes:
        say(diff_of(change).rstrip("\n"))


def _tell_different(outcome: Outcome, check: bool) -> None:
    from mmcompose.core.pipeline import errors
    from mmcompose.files.write.grouping import grouped

    for path, change in grouped(outcome.different):
        note(one_line(f"{path}: {change.cause}"))
    if not outcome.different and not errors(outcome.beside):
        note("up to date")
    elif check:
        if outcome.different:
            note(outcome.written_elsewhere("commit it") or "out of date: run `mmcompose render` and commit the result")
        raise SystemExit(1)


def _refuse(outcome: Outcome) -> None:
    _show(outcome.refused)
    fail(
        f"{_refusal(outcome.refused)}: nothing was written;"
        " put the edit into a profile, or drop it with `mmcompose render --force`"
    )


def _refusal(changes: Sequence[FileChange]) -> str:
    """The files that a render leaves alone, and the reasons."""
    parts = []
    kinds: dict[Kind, str] = {"edited": "edited by hand", "foreign": "not made by mmcompose"}
    for kind, reason in kinds.items():
        alike = [change for change in changes if change.kind == kind]
        if alike:
            parts.append(f"{_these(alike)} {'was' if len(alike) == 1 else 'were'} {reason}")
    return ", and ".join(parts)


def _these(changes: Sequence[FileChange]) -> str:
    """Their paths, as many as a reader can take in."""
    paths = [change.path for change in changes]
    shown = paths if len(paths) <= _SHOWN + 1 else [*paths[:_SHOWN], f"{len(paths) - _SHOWN} more files"]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


def _tell_written(outcome: Outcome) -> None:
    from mmcompose.files.write.grouping import grouped

    titles = {
        "create": "created",
        "update": "updated",
        "orphan": "removed",
        "edited": "overwritten",
        "foreign": "overwritten",
        "unclaimed": "updated",
    }
    for path, change in grouped(outcome.different):
        note(one_line(f"{titles[change.kind]} {path}"))
    kept = [change for change in outcome.different if change.kind == "unclaimed"]
    if kept:
        note(one_line(f"no lock records who wrote {_these(kept)}: the former content is kept in .mmcompose/replaced/"))
    if not outcome.different:
        note("up to date")
