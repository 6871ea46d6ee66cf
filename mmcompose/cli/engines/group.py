"""`mmcompose engines`: which flags each release of an engine takes, and what differs between two of them."""

from __future__ import annotations

import click

from mmcompose.cli.shell.groups import Lazy

COMMANDS = {
    "list": "List the engines whose flags are known, and how far.",
    "flags": "List the flags of ENGINE at a version.",
    "diff": "Say what changed in the flags of ENGINE from version OLD to NEW.",
    "learn": "Read the flags of a further release from its source.",
}
"""Each is `mmcompose.cli.engines.<name>.command`. The texts stand here so that help loads none of them."""


@click.group("engines", cls=Lazy, texts=COMMANDS, package="mmcompose.cli.engines")
def command() -> None:
    """Look into the flags of each engine's releases."""
