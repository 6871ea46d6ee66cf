"""`mmcompose init`: a project of one's own, from the shipped profiles."""

from __future__ import annotations

from pathlib import Path

import click

from mmcompose.cli.output import fail, note


@click.command("init")
@click.argument("folder", default=".")
@click.option("--profile", "names", multiple=True, metavar="NAME", help="Take only this profile; may be repeated.")
@click.pass_obj
def command(base: str, /, folder: str, names: tuple[str, ...]) -> None:
    """Start a project in FOLDER: settings, the shipped profiles, and schemas for the editor.

    In a project that is there already, --profile adds shipped profiles. Files that exist are left as they are.

    \b
    mmcompose init demo
    mmcompose init demo --profile chat-cpu
    mmcompose init --profile sam3            # one more, later
    """
    from mmcompose.files.begin import CannotBegin, begin, brought

    place = Path(base) / folder
    try:
        written, kept = begin(place, names)
    except CannotBegin as cannot:
        fail(str(cannot), cannot.code)
    for parent, child in brought(names).items():
        note(f"{parent} comes too, for {child} extends it")
    for path in kept:
        note(f"kept {path}, which was there")
    note(f"{len(written)} file{'' if len(written) == 1 else 's'} written")
    step = "" if folder == "." else f"cd {folder} && "
    note(f"next: {step}mmcompose render")
