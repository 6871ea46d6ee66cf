"""`mmcompose engines`: which flags each release of an engine takes, and what differs between two of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

from mmcompose.cli.groups import Helpful
from mmcompose.cli.output import fail, note, say, say_json
from mmcompose.cli.table import table

if TYPE_CHECKING:
    from mmcompose.engines.history import Flag, History
    from mmcompose.engines.upgrade import Change

FORMAT = click.option(
    "--format", "style", type=click.Choice(["text", "json"]), default="text", show_default=True, help="How to print."
)
WIDEST = 60


@click.group("engines", cls=Helpful)
def command() -> None:
    """Look into the flags of each engine's releases."""


@command.command("list")
@FORMAT
def list_engines(style: str) -> None:
    """List the engines whose flags are known, and how far."""
    from mmcompose.engines.catalogue import ENGINES

    rows = []
    for name in ENGINES:
        history = _history(name)
        rows.append({
            "engine": name,
            "title": history.title,
            "from": history.versions[0],
            "to": history.versions[-1],
            "releases": len(history.versions),
            "complete": not history.sampled,
        })  # fmt: skip
    if style == "json":
        say_json(rows)
        return
    headers = ["ENGINE", "NAME", "FROM", "TO", "RELEASES"]
    say(table([[r["engine"], r["title"], r["from"], r["to"], _releases(r)] for r in rows], headers))


@command.command("flags")
@click.argument("engine")
@click.option("--version", "version", metavar="VERSION", help="The release; without it the newest known.")
@click.option("--grep", "words", metavar="TEXT", help="Only flags whose name or choices hold this text.")
@FORMAT
def flags(engine: str, version: str | None, words: str | None, style: str) -> None:
    """List the flags of ENGINE at a version.

    \b
    mmcompose engines flags vllm --version 0.33.0 --grep kv
    """
    from mmcompose.engines.history import Catalogue

    history = _history(engine)
    shown = _shown_for(history, version or history.versions[-1])
    found = sorted(Catalogue(history, history.versions.index(shown)).values(), key=lambda flag: flag.name)
    if words:
        wanted = words.lower().replace("-", "_")
        found = [flag for flag in found if any(wanted in text.lower() for text in (flag.name, *flag.choices))]
    if style == "json":
        say_json([_as_data(flag, history) for flag in found])
    elif found:
        rows = [[flag.name, _kind(flag), _default(flag), _remark(flag, history)] for flag in found]
        say(table(rows, ["FLAG", "TAKES", "DEFAULT", "REMARKS"]))
        note(f"{len(found)} flag{'s' if len(found) > 1 else ''} of {history.title} {shown}")
    else:
        note(f"no flag of {history.title} {shown} holds {words!r}" if words else "no flags")
        raise SystemExit(1)


@command.command("diff")
@click.argument("engine")
@click.argument("old")
@click.argument("new")
@FORMAT
def diff(engine: str, old: str, new: str, style: str) -> None:
    """Say what changed in the flags of ENGINE from version OLD to NEW.

    \b
    mmcompose engines diff vllm 0.16.0 0.33.0
    """
    from mmcompose.engines.upgrade import diff as differences

    history = _history(engine)
    before, after = _shown_for(history, old), _shown_for(history, new)
    changes = differences(history, before, after)
    if style == "json":
        say_json([_change(change) for change in changes])
        return
    for change in changes:
        say(f"{_SIGNS.get(change.kind, '~')} {'.'.join(map(str, change.path))}: {_sentence(change)}")
    some = f"{len(changes)} difference{'' if len(changes) == 1 else 's'}"
    note(f"{some} between {history.title} {before} and {after}")


@command.command("learn")
@click.argument("spec", metavar="PACKAGE==VERSION")
@click.option(
    "--help-text", "help_file", type=click.File("r", "utf-8"), help="Read the engine's --help output instead."
)
@click.option("--image", "image", metavar="IMAGE", help="Run this image once, without a network, for its help text.")
@click.option("--engine", "engine", metavar="ENGINE", help="Whose help text it is.")
@click.option("--as", "build", metavar="VERSION", help="The engine's own version, where the package's is another.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, writable=True), help="Write the longer history here.")
def learn(
    spec: str, help_file: TextIO | None, image: str | None, engine: str | None, build: str | None, output: str | None
) -> None:
    """Read the flags of a further release from its source. It is fetched and never run.

    Where there is no source to read, from the help text of the engine itself.

    \b
    mmcompose engines learn vllm==0.34.0
    mmcompose engines learn llama-cpp-python==0.3.37 --as b11400
    mmcompose engines learn --engine vllm --help-text help.txt vllm==0.34.0
    mmcompose engines learn --engine llamacpp --image ghcr.io/ggml-org/llama.cpp:server-b11400 b11400
    """
    from mmcompose.files.learn import Unlearnable, learned, learned_from_help

    try:
        text = _help_of(image, engine) if image else _read(help_file) if help_file else None
        found = learned_from_help(engine, spec, text) if text is not None else learned(spec, build)
    except Unlearnable as trouble:
        fail(str(trouble), 4 if trouble.transient else 2)
    for change in found.changes:
        say(f"{_SIGNS.get(change.kind, '~')} {'.'.join(map(str, change.path))}: {_sentence(change)}")
    note(f"{found.history.title} {found.version}: {found.total} flags, {len(found.changes)} differ from {found.before}")
    if output:
        _write(output, found.text)
        note(f"wrote {output}")


def _read(file: TextIO) -> str:
    try:
        return file.read()
    except (OSError, UnicodeDecodeError) as error:
        fail(f"{file.name} cannot be read: {getattr(error, 'strerror', None) or 'it is no UTF-8 text'}", 2)


def _write(place: str, text: str) -> None:
    try:
        Path(place).write_text(text, "utf-8")
    except OSError as error:
        fail(f"{place} cannot be written: {error.strerror}", 4)


def _help_of(image: str, name: str | None) -> str:
    from mmcompose.deploy.engine import DockerEngine, EngineError
    from mmcompose.deploy.help_text import help_text
    from mmcompose.engines.catalogue import ENGINES

    words = ENGINES.get(name or "")
    if not words:
        fail(f"which engine is in {image}? Name it with --engine, one of {', '.join(ENGINES)}", 2)
    try:
        return help_text(DockerEngine(), image, words)
    except EngineError as error:
        fail(str(error), 4)


_SIGNS = {"added": "+", "removed": "-", "breaks": "-", "deprecated": "!"}


def _history(engine: str) -> History:
    from mmcompose.engines.catalogue import ENGINES
    from mmcompose.engines.nearest import did_you_mean
    from mmcompose.files.histories import load

    history = load(engine)
    if history is None:
        hint = did_you_mean(engine, ENGINES) or f"known: {', '.join(ENGINES)}"
        fail(f"no flag history for {engine!r} ({hint})", 2)
    return history


def _shown_for(history: History, version: str) -> str:
    """The known version that answers for this one: the reader is told on standard error where it is another.

    What is no version at all ends here."""
    spot = history.place(version)
    if spot.standing == "unknown":
        known = f"known: {history.versions[0]} to {history.versions[-1]}"
        fail(f"{version!r} is no {history.title} version ({known})", 2)
    if spot.standing == "between":
        note(
            f"{version} lies between {history.versions[spot.low]} and {history.versions[spot.high]}: the older is shown"
        )
    elif spot.standing != "exact":
        note(f"{version} is not in the history of {history.title}; {history.versions[spot.low]} is shown")
    return history.versions[spot.low]


def _releases(row: dict[str, Any]) -> str:
    return str(row["releases"]) if row["complete"] else f"{row['releases']} sampled"


def _kind(flag: Flag) -> str:
    from mmcompose.engines.upgrade import kind_of

    return _choices(flag) if flag.choices else kind_of(flag)


def _choices(flag: Flag) -> str:
    """As many whole choices as fit, and how many more there are; `|...` where the engine may take others too."""
    shown = 1
    while shown < len(flag.choices) and len("|".join(flag.choices[: shown + 1])) <= WIDEST:
        shown += 1
    more = len(flag.choices) - shown
    words = "|".join(flag.choices[:shown])
    if not more:
        return f"{words}|..." if flag.open else words
    return f"{words} and {more}{' or' if flag.open else ''} more"


def _default(flag: Flag) -> str:
    from mmcompose.engines.upgrade import default_of

    return default_of(flag)


def _remark(flag: Flag, history: History) -> str:
    parts = []
    if flag.stub:
        parts.append("removed, only refused")
    if flag.deprecated:
        parts.append("deprecated")
    if flag.stub or flag.deprecated:
        parts += [history.notes[flag.name]] if flag.name in history.notes else []
    if flag.required:
        parts.append("required")
    if flag.group:
        parts.append(f"only with {flag.group}")
    if flag.aliases:
        parts.append("also " + " ".join(flag.aliases))
    return "; ".join(parts)


def _as_data(flag: Flag, history: History) -> dict[str, Any]:
    row = history.row(flag.name)
    since = history.versions[row.starts[0]] if row else None
    data: dict[str, Any] = {name: value for name, value in flag._asdict().items() if value not in ((), "", False)}
    return {**data, "default": flag.default, "since": since, "note": history.notes.get(flag.name)}


def _change(change: Change) -> dict[str, Any]:
    return {
        "flag": ".".join(map(str, change.path)),
        "change": change.kind,
        "message": change.message,
        "hint": change.hint,
    }


def _sentence(change: Change) -> str:
    return f"{change.message} ({change.hint})" if change.hint else change.message
