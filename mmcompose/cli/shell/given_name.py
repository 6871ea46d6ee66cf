"""Checks typed names: an empty one, such as that of a variable which is not set, names nothing."""

from __future__ import annotations

from typing import TypeVar

import click

Names = TypeVar("Names", str, "tuple[str, ...]", None)


def named(ctx: click.Context, param: click.Parameter, value: Names) -> Names:
    """A callback of Click's, for arguments and options that take a name or several."""
    names: tuple[str, ...] = (value,) if isinstance(value, str) else value or ()
    if not all(name.strip() for name in names):
        raise click.BadParameter("it is empty: write a name; perhaps a variable of the shell is not set", ctx, param)
    return value
