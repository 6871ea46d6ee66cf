"""`mmcompose completion`: the script that completes commands, options and profile names in a shell."""

from __future__ import annotations

import click

from mmcompose.cli.printing.output import say
from mmcompose.cli.shell.choice import Choice

_BASH_ENDS = "    return 0\n"
_VALUE_FOLLOWS = "    [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *= ]] && compopt -o nospace\n\n"
"""Lets a path of `--set` end with `=`, without a blank before its value."""


@click.command("completion")
@click.argument("shell", type=Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    """Print the completion script of a shell.

    \b
    mmcompose completion bash > ~/.local/share/bash-completion/completions/mmcompose
    mmcompose completion zsh > "${fpath[1]}/_mmcompose"
    mmcompose completion fish > ~/.config/fish/completions/mmcompose.fish
    """
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    assert kind is not None
    script = kind(ctx.find_root().command, {}, "mmcompose", "_MMCOMPOSE_COMPLETE").source()
    say(script.replace(_BASH_ENDS, f"{_VALUE_FOLLOWS}{_BASH_ENDS}") if shell == "bash" else script)
