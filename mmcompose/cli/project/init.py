"""`mmcompose init`: a project of one's own, from the shipped profiles."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from mmcompose.cli.printing.output import note, note_to_copy, program
from mmcompose.cli.shell.given_name import named


@click.command("init")
@click.argument("folder", callback=named, default=".")
@click.option(
    "--profile", "names", callback=named, multiple=True, metavar="NAME", help="Take only this profile; may be repeated."
)
@click.pass_obj
def command(base: str, /, folder: str, names: tuple[str, ...]) -> None:
    """Start a project in FOLDER, or here without it: settings, the shipped profiles, and schemas for the editor.

    In an existing project, --profile adds shipped profiles. Existing files stay unchanged.

    \b
    mmcompose init demo
    mmcompose init demo --profile chat-cpu
    mmcompose init --profile sam3            # one more, later
    """
    from mmcompose.files.write.begin import begin, brought

    place = Path(base) / folder
    written, kept = begin(place, names)
    for parent, child in brought(names).items():
        note(f"{parent} comes too, for {child} extends it")
    for path in kept:
        note(f"kept {path}, which was there")
    note(f"{len(written)} file{'' if len(written) == 1 else 's'} written")
    note_to_copy(f"next: {_step(place)}{program()} render")


def _step(place: Path) -> str:
    """The command that enters the folder, unless the shell is in it."""
    return "" if place.resolve() == Path.cwd() else f"cd {shlex.quote(str(place))} && "
