"""`mmcompose engines`: shows the flags of each release of an engine, and the differences between two."""

from __future__ import annotations

import click

from mmcompose.cli.shell.groups import Lazy
from mmcompose.model.commands import Command

COMMANDS = {
    "list": Command("List the engines whose flags are known, and how far.", "engines"),
    "flags": Command("List the flags of ENGINE at a version.", "engines"),
    "diff": Command("Show what changed in the flags of ENGINE from version OLD to NEW.", "engines"),
    "learn": Command("Read the flags of a further release from its source.", "engines"),
}
"""The texts stand here so that help loads none of them."""


@click.group("engines", cls=Lazy, commands_by_name=COMMANDS)
def command() -> None:
    """Show the flags of each engine's releases."""
