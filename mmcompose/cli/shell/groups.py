"""Groups of commands: a mistyped name gets a suggestion, and help imports no commands."""

from __future__ import annotations

import builtins
import importlib
from collections.abc import Iterable, Mapping
from typing import Any

import click

from mmcompose.model.commands import Command


class Helpful(click.Group):
    """A group with suggestions. `elsewhere`: commands of other programs, and what to type here."""

    def __init__(self, *args: Any, elsewhere: Mapping[str, str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.elsewhere = elsewhere or {}

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if self.get_command(ctx, name) is None and not name.startswith("-"):
            hint = self.instead_of(ctx, name, self.list_commands(ctx))
            raise click.UsageError(f"no command {name!r} ({hint})", ctx)
        return super().resolve_command(ctx, args)

    def instead_of(self, ctx: click.Context, name: str, known: Iterable[str]) -> str:
        from mmcompose.engines.flags.nearest import did_you_mean

        return self.elsewhere.get(name) or did_you_mean(name, known) or f"`{ctx.command_path} --help` lists them"


class Lazy(Helpful):
    """Imports a command at its first use. Help does not list `aliases`."""

    def __init__(
        self,
        *args: Any,
        commands_by_name: Mapping[str, Command],
        aliases: Mapping[str, str] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.by_name, self.aliases = commands_by_name, aliases or {}

    def commands_of(self, ctx: click.Context) -> Mapping[str, Command]:  # noqa: ARG002 - others depend on it
        return self.by_name

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands_of(ctx))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        name = self.aliases.get(cmd_name, cmd_name)
        found = self.by_name.get(name) or self.commands_of(ctx).get(name)
        if found is None:
            return None
        module, _, attribute = (found.module or _module(name)).partition(":")
        loaded = importlib.import_module(f"mmcompose.cli.{found.room}.{module}")
        command: click.Command = getattr(loaded, attribute or "command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, found.text) for name, found in self.commands_of(ctx).items()])


def _module(name: str) -> str:
    """The module of a command: `stop_all` for stop-all, `list_` for list, since Python has a `list`."""
    return f"{name.replace('-', '_')}{'_' if name in dir(builtins) else ''}"
