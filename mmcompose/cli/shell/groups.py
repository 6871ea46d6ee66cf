"""Groups of commands: a mistyped name is met with the one that was meant, and help loads no more than it shows."""

from __future__ import annotations

import builtins
import importlib
from collections.abc import Mapping
from typing import Any

import click


class Helpful(click.Group):
    """`elsewhere`: commands of other programs, and what does their work here."""

    def __init__(self, *args: Any, elsewhere: Mapping[str, str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.elsewhere = elsewhere or {}

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name, known = args[0], self.list_commands(ctx)
        if self.get_command(ctx, name) is None and not name.startswith("-"):
            from mmcompose.engines.flags.nearest import did_you_mean

            hint = self.elsewhere.get(name) or did_you_mean(name, known) or f"`{ctx.command_path} --help` lists them"
            raise click.UsageError(f"no command {name!r} ({hint})", ctx)
        return super().resolve_command(ctx, args)


class Lazy(Helpful):
    """`texts` are the commands, each with its line of help. A command is the `command` of a module that is imported
    when it is asked for: the one of its name in `package`, or the one that `modules` has for it. `aliases` are further
    names, which help does not list."""

    def __init__(
        self,
        *args: Any,
        texts: Mapping[str, str],
        package: str,
        modules: Mapping[str, str] | None = None,
        aliases: Mapping[str, str] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.texts, self.package, self.modules, self.aliases = texts, package, modules or {}, aliases or {}

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - Click's signature
        return list(self.texts)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        name = self.aliases.get(cmd_name, cmd_name)
        if name not in self.texts:
            return None
        module = importlib.import_module(self.modules.get(name) or f"{self.package}.{_module(name)}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl(list(self.texts.items()))


def _module(name: str) -> str:
    """`stop_all` for stop-all; `list_` for list, which is a word of Python's own."""
    return f"{name.replace('-', '_')}{'_' if name in dir(builtins) else ''}"
