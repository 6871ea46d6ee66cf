"""The arguments of an engine's command line, each with its reason; the same for every target."""

from __future__ import annotations

from typing import NamedTuple

from mmcompose.core.resolve import reasons
from mmcompose.engines.flags.argv import command_line
from mmcompose.engines.flags.history import Histories
from mmcompose.model import Engine, Service, Setting


class Argument(NamedTuple):
    """One option with its values as the command line has them, and why it is there."""

    words: list[str]
    why: str | None
    name: str = ""


def arguments(service: Service, engine: Engine, tree: Setting, histories: Histories) -> list[Argument]:
    """The checked arguments in the order of the profile, then those that nobody checks."""
    history = histories(engine.history) if engine.history else None
    checked = [
        Argument(parts, reasons.reason(tree, ("args", name)), name)
        for name, parts in command_line(history, service.release, service.args)
    ]
    plain = {name: arg.value for name, arg in service.unchecked_args.items()}
    unchecked = [
        Argument(parts, f"not checked: {service.unchecked_args[name].reason}")
        for name, parts in command_line(history, service.release, plain)
    ]
    return checked + unchecked
