"""Arguments and options that commands share: the names of profiles, and the layer of the command line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from mmcompose.cli.shell import completing
from mmcompose.cli.shell.choice import Choice
from mmcompose.cli.shell.given_name import named

F = TypeVar("F", bound=Callable[..., Any])


def printed_as(*formats: str) -> Callable[[F], F]:
    """Adds `--format` with these forms."""
    return click.option(
        "--format", "style", type=Choice(formats), default="text", show_default=True, help="How to print."
    )


def stacked(*options: Callable[[Any], Any]) -> Callable[[F], F]:
    """Adds all of these, in this order."""

    def decorated(function: F) -> F:
        for option in reversed(options):
            function = option(function)
        return function

    return decorated


def also_written(**contents: str) -> Callable[[F], F]:
    """Adds `--output-json`, `--output-csv` and `--output-md` with their contents."""
    place = click.Path(path_type=Path)
    return stacked(*(
        click.option(f"--output-{kind}", type=place, metavar="FILE", help=f"Also write {content} there.")
        for kind, content in contents.items()
    ))  # fmt: skip


text_or_json = printed_as("text", "json")
run_argument = click.argument("run", default="latest", callback=named, shell_complete=completing.runs)
engine_argument = click.argument("engine", callback=named, shell_complete=completing.engines)
any_profile_argument = click.argument("profile", required=False, callback=named, shell_complete=completing.profiles)
rebuilding = click.option("--rebuild", is_flag=True, help="Build or pull images again.")
profile_argument = click.argument("profile", callback=named, shell_complete=completing.profiles)
profiles_argument = click.argument(
    "profiles", nargs=-1, callback=named, metavar="[PROFILE]...", shell_complete=completing.profiles
)


overriding = stacked(
    click.option(
        "--set",
        "sets",
        multiple=True,
        metavar="PATH=VALUE",
        shell_complete=completing.paths,
        help="Set a value, or add to a list with `+=`.",
    ),
    click.option("--backend", metavar="NAME", shell_complete=completing.backends, help="Short for --set backend=NAME."),
    click.option("--backend-version", metavar="VERSION", help="Short for --set version=VERSION."),
    click.option("--image", metavar="IMAGE", help="Short for --set image=IMAGE."),
    click.option("--image-type", type=Choice(["prebuilt", "build"]), help="Short for --set image_type=…"),
    click.option("--host", metavar="NAME", shell_complete=completing.hosts, help="Short for --set host=NAME."),
)
"""The options of the command line layer."""
