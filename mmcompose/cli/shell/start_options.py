"""Options of commands that start profiles or wait for an engine, and their values."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import click

from mmcompose.cli.shell import completing
from mmcompose.cli.shell.given_name import named
from mmcompose.cli.shell.options import overriding, rebuilding, stacked, text_or_json

F = TypeVar("F", bound=Callable[..., Any])


class Seconds(click.FloatRange):
    """A length of time; refuses "nan", which Python reads as a number and no clock reaches."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        seconds: float = super().convert(value, param, ctx)
        if math.isnan(seconds):
            self.fail(f"{value!r} is not a length of time.", param, ctx)
        return seconds


@dataclass(frozen=True, slots=True)
class Wish:
    """The options of a start."""

    timeout: float | None = None
    """None: as long as the profile's health check lets it start."""
    wait: bool = True
    rebuild: bool = False
    build_only: bool = False
    take: bool = False
    verbose: bool = False
    style: str = "text"
    taking: str = ""
    """The command that may also stop other profiles; else `mmcompose switch`."""
    stays: bool = True
    """Whether the started containers stay after an interruption or failure; `test` removes them."""


def patience(seconds: float | None = None) -> Callable[[F], F]:
    """Adds the options for the time that an engine may take until it answers."""
    return click.option(
        "--timeout",
        "--server-timeout",
        "timeout",
        type=Seconds(min=1),
        default=seconds,
        show_default=seconds is not None,
        metavar="SECONDS",
        help="The time for an engine until it answers"
        + ("." if seconds else "; 600, or as long as its health check lets it start."),
    )


fetching = stacked(
    overriding,
    rebuilding,
    click.option("-v", "--verbose", is_flag=True, help="Show what Docker prints."),
    text_or_json,
)
"""The options of every command that may pull or build an image."""


starting = stacked(
    click.option("--wait/--no-wait", default=True, help="Wait until it answers (default)."),
    click.option("-d", "--detach", is_flag=True, help="The same as --no-wait, as Compose calls it."),
    patience(),
    click.option(
        "--model",
        callback=named,
        metavar="MODEL",
        shell_complete=completing.models,
        help="Load another model of profiles/models; without PROFILE: the profile that serves it.",
    ),
    click.option("--build-only", is_flag=True, help="Get the image; start nothing."),
    fetching,
)
"""The options that every start has."""


parallel = click.option(
    "--tensor-parallel",
    type=click.IntRange(min=1),
    metavar="N",
    help="On how many GPUs; short for --set gpu.count=N. A model without a profile takes all of its host.",
)


def taking(more: str = "") -> Callable[[F], F]:
    """Adds `--take`, for commands that leave other profiles alone by default."""
    return click.option("--take", is_flag=True, help=f"Stop the profiles that are in the way, as `switch` does{more}.")


def wish(options: Mapping[str, Any], *, take: bool, taking: str = "", stays: bool = True) -> Wish:
    names = ("timeout", "rebuild", "build_only", "verbose", "style")
    wait = options["wait"] and not options["detach"]
    return Wish(wait=wait, take=take, taking=taking, stays=stays, **{name: options[name] for name in names})
