"""Options of the commands of models."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import click

from mmcompose.cli.shell import completing

names_of_models = click.argument("names", nargs=-1, metavar="[NAMES]...", shell_complete=completing.models_and_profiles)
all_of_them = click.option("--all", "every", is_flag=True, help="All that the profiles use.")


def on_docker(command: Callable[..., None]) -> Callable[..., None]:
    """A command for whose refusals by Docker there is a cause and a next command."""

    @functools.wraps(command)
    def run(*given: Any, **values: Any) -> None:
        from mmcompose.cli.shell.failing import docker

        with docker():
            command(*given, **values)

    return run
