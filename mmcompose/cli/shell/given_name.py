"""Checks typed names: refuses an empty one, which often comes from a variable that is not set."""

from __future__ import annotations

from typing import TypeVar

import click

Names = TypeVar("Names", str, "tuple[str, ...]", None)


def named(ctx: click.Context, param: click.Parameter, value: Names) -> Names:
    """A Click callback for arguments and options with one name or several."""
    names: tuple[str, ...] = (value,) if isinstance(value, str) else value or ()
    if not all(name.strip() for name in names):
        raise click.BadParameter("the name is empty: write a name, or set the variable of the shell", ctx, param)
    return value
