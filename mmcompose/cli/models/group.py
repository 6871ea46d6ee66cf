"""`mmcompose models`: the models of a project, which lie once in a store that all profiles of a host share."""

from __future__ import annotations

import click

from mmcompose.cli.shell.groups import Lazy
from mmcompose.model.commands import Command

COMMANDS = {
    "list": Command("List the models, who uses them, and what lies in the store.", "models"),
    "fetch": Command("Get models into the store; go on where it stopped.", "models"),
    "verify": Command("Read every file of models again, and hold it against its hash.", "models"),
    "lock": Command("Pin models to a commit, with the hash of every file.", "models"),
    "adopt": Command("Move models from the caches of engines into the store.", "models"),
    "prune": Command("Remove what no profile uses from the store.", "models"),
}
"""The texts stand here so that help loads none of them."""


@click.group("models", cls=Lazy, commands_by_name=COMMANDS)
def command() -> None:
    """Get, check and remove models. They lie once in a store that all profiles of a host share.

    \b
    mmcompose models list
    mmcompose models fetch --all
    """
