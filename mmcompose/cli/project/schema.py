"""`mmcompose schema`: the JSON Schema of one kind of file, for editors and other validators."""

from __future__ import annotations

import click

from mmcompose.cli.printing.output import say_json
from mmcompose.cli.shell.choice import Choice


@click.command("schema")
@click.argument("kind", type=Choice(["project", "profile", "backend", "runtime", "model", "host", "service"]))
def command(kind: str) -> None:
    """Print the JSON Schema (draft-07, self-contained) of one kind of file.

    \b
    mmcompose schema profile > profile.schema.json
    """
    from mmcompose.core.read.schema import bundle
    from mmcompose.files.gather import shipped

    say_json(bundle(kind, shipped.schemas()))
