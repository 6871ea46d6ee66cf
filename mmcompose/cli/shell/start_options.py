"""The options that commands share which start something or wait for an engine, and what they say."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import click

from mmcompose.cli.shell import completing
from mmcompose.cli.shell.given_name import named
from mmcompose.cli.shell.here import overrides
from mmcompose.cli.shell.options import overriding, rebuilding, text_or_json

if TYPE_CHECKING:
    from mmcompose.core.read.overrides import Override

F = TypeVar("F", bound=Callable[..., Any])


class Seconds(click.FloatRange):
    """A length of time; "nan" is a number to Python, and no clock ever comes to it."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        seconds: float = super().convert(value, param, ctx)
        if math.isnan(seconds):
            self.fail(f"{value!r} is not a length of time.", param, ctx)
        return seconds


@dataclass(frozen=True, slots=True)
class Wish:
    """The options of a start."""

    timeout: float | None = None
    """None: as long as the health check of the profile lets it start."""
    wait: bool = True
    rebuild: bool = False
    build_only: bool = False
    take: bool = False
    verbose: bool = False
    style: str = "text"
    taking: str = ""
    """The command that also stops what is in the way; where there is none, `mmcompose switch`."""
    stays: bool = True
    """What was started is left there when it is interrupted or fails; `test` removes it."""


def starting(function: F) -> F:
    """Adds the options that every start has."""
    options = (
        click.option("--wait/--no-wait", default=True, help="Wait until it answers; the default."),
        click.option("-d", "--detach", is_flag=True, help="The same as --no-wait, as Compose calls it."),
        patience(),
        click.option(
            "--model",
            callback=named,
            metavar="MODEL",
            shell_complete=completing.models,
            help="Load another model of profiles/models; without PROFILE: the profile that serves it.",
        ),
        click.option("--build-only", is_flag=True, help="Have the image, start nothing."),
        fetching,
    )
    for option in reversed(options):
        function = option(function)
    return function


def fetching(function: F) -> F:
    """Adds the options of every command that may pull or build an image."""
    options = (
        overriding,
        rebuilding,
        click.option("-v", "--verbose", is_flag=True, help="Show what Docker prints."),
        text_or_json,
    )
    for option in reversed(options):
        function = option(function)
    return function


def taking(more: str = "") -> Callable[[F], F]:
    """`--take`, for commands that leave others alone where it is not typed."""
    return click.option("--take", is_flag=True, help=f"Stop the profiles that are in the way, as `switch` does{more}.")


def patience(seconds: float | None = None) -> Callable[[F], F]:
    """How long an engine may take until it answers. Both options mean it, for every command that waits for one."""
    return click.option(
        "--timeout",
        "--server-timeout",
        "timeout",
        type=Seconds(min=1),
        default=seconds,
        show_default=seconds is not None,
        metavar="SECONDS",
        help="How long an engine may take until it answers"
        + ("." if seconds else "; 600, or as long as its health check lets it start."),
    )


def wish(options: Mapping[str, Any], *, take: bool, taking: str = "", stays: bool = True) -> Wish:
    names = ("timeout", "rebuild", "build_only", "verbose", "style")
    wait = options["wait"] and not options["detach"]
    return Wish(wait=wait, take=take, taking=taking, stays=stays, **{name: options[name] for name in names})


def overrides_of(options: Mapping[str, Any], model: str | None) -> list[Override]:
    """Collects the options that override values of the profile."""
    from mmcompose.core.read.overrides import short

    names = ("sets", "backend", "backend_version", "image", "image_type", "host")
    return [*overrides(**{name: options[name] for name in names}), *([short("model", model)] if model else [])]
