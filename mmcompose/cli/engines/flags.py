"""`mmcompose engines flags`: lists the flags of one release."""

from __future__ import annotations

from typing import Any

import click

from mmcompose.cli.engines.known import history_of, shown_for
from mmcompose.cli.printing.output import note, say, say_json
from mmcompose.cli.printing.table import table
from mmcompose.cli.shell import completing
from mmcompose.cli.shell.options import engine_argument, text_or_json
from mmcompose.core.columns import Fit
from mmcompose.engines.flags.history import Flag, History

_WIDEST = 60


@click.command("flags")
@engine_argument
@click.option(
    "--version",
    "version",
    metavar="VERSION",
    shell_complete=completing.releases,
    help="The release; without it the newest known.",
)
@click.option("--grep", "text", metavar="TEXT", help="Only flags whose name or choices hold this text.")
@text_or_json
def command(engine: str, version: str | None, text: str | None, style: str) -> None:
    """List the flags of ENGINE at a version.

    \b
    mmcompose engines flags vllm --version 0.33.0 --grep kv
    """
    tell(history_of(engine), version, text, style)


def tell(history: History, version: str | None, text: str | None = None, style: str = "text") -> None:
    """Prints the flags of one version; ends with exit code 1 if none contains the text."""
    from mmcompose.engines.flags.changes import default_of
    from mmcompose.engines.flags.history import VersionFlags

    shown = shown_for(history, version or history.versions[-1])
    found = sorted(VersionFlags(history, history.versions.index(shown)).values(), key=lambda flag: flag.name)
    if text:
        wanted = text.lower().replace("-", "_")
        found = [flag for flag in found if any(wanted in one.lower() for one in (flag.name, *flag.choices))]
    if style == "json":
        say_json([_as_data(flag, history) for flag in found])
    elif found:
        rows = [[flag.name, _kind(flag), default_of(flag), _remark(flag, history)] for flag in found]
        say(table(rows, ["FLAG", "TAKES", "DEFAULT", "REMARKS"], Fit(("REMARKS",), below=True)))
        note(f"{len(found)} flag{'s' if len(found) > 1 else ''} of {history.title} {shown}")
    else:
        note(f"no flag of {history.title} {shown} holds {text!r}" if text else "no flags")
        raise SystemExit(1)


def _kind(flag: Flag) -> str:
    from mmcompose.engines.flags.changes import kind_of

    return _choices(flag) if flag.choices else kind_of(flag)


def _choices(flag: Flag) -> str:
    """As many whole choices as fit, and the number of the others; `|...` if the engine may accept more."""
    shown = 1
    while shown < len(flag.choices) and len("|".join(flag.choices[: shown + 1])) <= _WIDEST:
        shown += 1
    more = len(flag.choices) - shown
    shown_choices = "|".join(flag.choices[:shown])
    if not more:
        return f"{shown_choices}|..." if flag.open else shown_choices
    return f"{shown_choices} and {more}{' or' if flag.open else ''} more"


def _remark(flag: Flag, history: History) -> str:
    parts = (
        history.help.get(flag.name),
        "removed, only refused" if flag.stub else "",
        "deprecated" if flag.deprecated else "",
        history.notes.get(flag.name) if flag.stub or flag.deprecated else "",
        "required" if flag.required else "",
        f"only with {flag.group}" if flag.group else "",
        f"also {' '.join(flag.aliases)}" if flag.aliases else "",
    )
    return "; ".join(filter(None, parts))


def _as_data(flag: Flag, history: History) -> dict[str, Any]:
    row = history.row(flag.name)
    since = history.versions[row.starts[0]] if row else None
    data: dict[str, Any] = {name: value for name, value in flag._asdict().items() if value not in ((), "", False)}
    return {
        **data,
        "default": flag.default,
        "since": since,
        "note": history.notes.get(flag.name),
        "help": history.help.get(flag.name),
    }
