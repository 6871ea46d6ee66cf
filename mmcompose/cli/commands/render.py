"""`mmcompose render`: bring compose/ up to date, show what would change, or check that nothing would."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mmcompose.cli.printing.output import FORMATS, fail, note, report, say
from mmcompose.cli.shell.here import root
from mmcompose.cli.shell.options import printed_as
from mmcompose.core.plain import one_line
from mmcompose.model.targets import BUILD

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mmcompose.files.write.artifacts import Change
    from mmcompose.files.write.render import Outcome


@click.command("render")
@click.option("--check", is_flag=True, help="Write nothing; exit 1 when something would change, or lies beside.")
@click.option("--diff", is_flag=True, help="Write nothing; show what would change.")
@click.option("--force", is_flag=True, help="Overwrite files that were edited by hand.")
@click.option(
    "--no-short-cut", is_flag=True, help="Go through every stage even when nothing has changed since the last render."
)
@printed_as(*FORMATS)
@click.pass_obj
def command(folder: str, check: bool, diff: bool, force: bool, no_short_cut: bool, style: str) -> None:
    """Write the compose files of all profiles.

    Only files that change are written. Exit code 0: fine; 1: out of date or with a file beside them that changes what
    they do (--check), or refused; 2: problems.

    \b
    mmcompose render
    mmcompose render --diff
    mmcompose render --check      # in CI
    """
    import gc

    from mmcompose.files.write import render

    # A render lives for a moment and makes no cycles: collecting them costs a sixteenth of it.
    gc.disable()
    place = root(folder)
    if check or diff:
        outcome = render.look(place, _today() if check else None)
    else:
        outcome = render.render(place, force=force, short_cut=not no_short_cut)
    if outcome.fresh:
        note("up to date")
        return
    report([*outcome.problems, *outcome.beside], style)
    if outcome.failed:
        raise SystemExit(2)
    if diff:
        _show_diff(outcome)
    if check or diff:
        _tell_different(outcome, check)
    elif outcome.refused and not force:
        _refuse(outcome)
    else:
        _tell_written(outcome)


def _today() -> str:
    import time

    return time.strftime("%Y-%m-%d")


def _show_diff(outcome: Outcome) -> None:
    from mmcompose.files.write.show import diff_of

    for change in outcome.different:
        say(diff_of(change).rstrip("\n"))


def _tell_different(outcome: Outcome, check: bool) -> None:
    from mmcompose.cli.shell.rendered import written_elsewhere
    from mmcompose.core.pipeline import errors

    for path, change in _grouped(outcome.different):
        note(one_line(f"{path}: {change.cause}"))
    if not outcome.different and not errors(outcome.beside):
        note("up to date")
    elif check:
        if outcome.different:
            elsewhere = written_elsewhere(outcome, "commit it")
            note(elsewhere or "out of date: run `mmcompose render` and commit the result")
        raise SystemExit(1)


def _refuse(outcome: Outcome) -> None:
    from mmcompose.cli.shell.rendered import refusal
    from mmcompose.files.write.show import diff_of

    for change in outcome.refused:
        say(diff_of(change).rstrip("\n"))
    fail(
        f"{refusal(outcome.refused)}: nothing was written."
        " Put the edit into a profile, or lose it by `mmcompose render --force`"
    )


def _grouped(changes: Sequence[Change]) -> Iterator[tuple[str, Change]]:
    """A name for each change; files of one build folder with the same change become one."""
    alike: dict[tuple[str, str], list[Change]] = {}
    for change in changes:
        parts = change.path.split("/")
        place = "/".join(parts[:3]) + "/" if parts[1:2] == [BUILD] else change.path
        alike.setdefault((place, change.cause), []).append(change)
    for (place, _), group in alike.items():
        yield (group[0].path if len(group) == 1 else f"{place} ({len(group)} files)"), group[0]


def _tell_written(outcome: Outcome) -> None:
    titles = {
        "create": "created",
        "update": "updated",
        "orphan": "removed",
        "edited": "overwritten",
        "foreign": "overwritten",
        "unclaimed": "updated",
    }
    for path, change in _grouped(outcome.different):
        note(one_line(f"{titles[change.kind]} {path}"))
    kept = [change for change in outcome.different if change.kind == "unclaimed"]
    if kept:
        from mmcompose.cli.shell.rendered import these

        note(one_line(f"no lock said who wrote {these(kept)}: the former content is kept in .mmcompose/replaced/"))
    if not outcome.different:
        note("up to date")
