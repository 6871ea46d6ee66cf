"""`mmcompose engines learn`: a further release, from its source or its help text."""

from __future__ import annotations

from pathlib import Path
from typing import TextIO

import click

from mmcompose.cli.engines.known import say_changes
from mmcompose.cli.printing.output import fail, note, writing


@click.command("learn")
@click.argument("spec", metavar="PACKAGE==VERSION")
@click.option(
    "--help-text", "help_file", type=click.File("r", "utf-8"), help="Read the engine's --help output instead."
)
@click.option("--image", "image", metavar="IMAGE", help="Run this image once, without a network, for its help text.")
@click.option("--engine", "engine", metavar="ENGINE", help="The engine of the help text.")
@click.option("--as", "build", metavar="VERSION", help="The engine's own version, if the package has another.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, writable=True), help="Write the longer history here.")
def command(
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
    from mmcompose.files.learn.history import learned, learned_from_help

    text = _help_of(image, engine) if image else _read(help_file) if help_file else None
    found = learned_from_help(engine, spec, text) if text is not None else learned(spec, build)
    say_changes(found.changes)
    changes = f", {len(found.changes)} differ from {found.before}" if found.before != found.version else ""
    note(f"{found.history.title} {found.version}: {found.total} flags{changes}")
    if output:
        with writing(output):
            Path(output).write_text(found.text, "utf-8")
        note(f"wrote {output}")


def _read(file: TextIO) -> str:
    try:
        return file.read()
    except (OSError, UnicodeDecodeError) as error:
        fail(f"{file.name} cannot be read: {getattr(error, 'strerror', None) or 'it is not UTF-8 text'}", 2)


def _help_of(image: str, name: str | None) -> str:
    from mmcompose.deploy.docker.engine import DockerEngine, EngineError
    from mmcompose.deploy.docker.help_text import help_text
    from mmcompose.engines.known.engine import all_known

    commands = {one.name: one.help for one in all_known() if one.help}
    if name not in commands:
        fail(f"the engine in {image} is unknown: name it with --engine, one of {', '.join(commands)}", 2)
    try:
        return help_text(DockerEngine(), image, commands[name])
    except EngineError as error:
        fail(str(error), 4)
