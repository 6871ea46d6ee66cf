"""Shows failures with commands for the project at hand, ready to copy."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from mmcompose.cli.printing.output import note
from mmcompose.deploy.interruption import terminable
from mmcompose.model.commands import ALIASES, COMMANDS

if TYPE_CHECKING:
    from mmcompose.cli.printing.progress import Progress
    from mmcompose.deploy.docker.engine import DockerEngine
    from mmcompose.deploy.start.order import Order
    from mmcompose.model.failure import Failure

_OF_COMMANDS = {"text", "next", "after"}
"""Facts of a failure that hold commands of ours."""
_NAMES = [*(name for name, command in COMMANDS.items() if command.of_project), *ALIASES]
_OURS = re.compile(rf"\bmmcompose (?=(?:{'|'.join(_NAMES)})(?![\w-]))")


def _located(text: str) -> str:
    """A text whose mmcompose commands have the typed `-C`."""
    ctx = click.get_current_context(silent=True)
    if ctx is None or ctx.find_root().get_parameter_source("project") is not ParameterSource.COMMANDLINE:
        return text
    folder = shlex.quote(str(ctx.find_root().params["project"]))
    return _OURS.sub(lambda _: f"mmcompose -C {folder} ", text)


def locate(failure: Failure) -> Failure:
    """The same failure; its commands have that `-C`."""
    failure.message = _located(failure.message)
    for name in _OF_COMMANDS & failure.facts.keys():
        value = failure.facts[name]
        failure.facts[name] = _located(value) if isinstance(value, str) else [_located(text) for text in value]
    return failure


def note_located(text: str) -> None:
    note(_located(text))


@contextmanager
def docker(profile: str = "") -> Iterator[DockerEngine]:
    """Yields Docker; turns its refusals into a cause and a next command."""
    from mmcompose.deploy.docker.engine import DockerEngine, EngineError

    try:
        yield DockerEngine()
    except EngineError as error:
        from mmcompose.deploy.handover.failures import refused

        raise refused(error, profile) from error


@contextmanager
def explained(
    order: Order, progress: Progress, *, stays: bool, short: str = "did not come up"
) -> Iterator[DockerEngine]:
    """Turns the end of a start into a failure: refused, failed, or rolled back."""
    from mmcompose.deploy.handover import failures

    def noted(text: str) -> None:
        progress.end()
        note_located(text)

    with terminable(), docker(order.wanted.profile) as engine:
        try:
            with failures.explained(engine, order, noted, stays=stays, short=short):
                yield engine
        finally:
            progress.end()
