"""`mmcompose eval`: scores the answers of profiles."""

from __future__ import annotations

import click

from mmcompose.cli.shell.groups import Lazy
from mmcompose.model.commands import Command

COMMANDS = {"run": Command("Score the answers of a profile, or of any endpoint.", "eval")}
"""The texts stand here so that help loads none of them."""


@click.group("eval", cls=Lazy, commands_by_name=COMMANDS)
def command() -> None:
    """Score the answers of profiles, in containers beside the engine.

    The results lie beside those of benchmarks: `bench list`, `show`, `compare` and `report` know them.
    """
