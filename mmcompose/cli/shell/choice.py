"""A value out of a few, refused with the nearest one."""

from __future__ import annotations

from typing import Any

import click


class Choice(click.Choice):  # type: ignore[type-arg]  # Click 8.1 knows none
    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if value in self.choices:
            return str(value)
        from mmcompose.core.hints import listing
        from mmcompose.engines.flags.nearest import did_you_mean

        option = f"{param.opts[0]} " if isinstance(param, click.Option) else ""
        near = did_you_mean(str(value), self.choices)
        raise click.UsageError(
            f"{option}{value!r} is not one of {listing(self.choices)}{f' ({near})' if near else ''}", ctx
        )
