"""`mmcompose ovms`: judge a graph.pbtxt or config.json of OpenVINO Model Server that already exists."""

from __future__ import annotations

from pathlib import Path

import click

from mmcompose.cli.printing.output import FORMATS, note, report
from mmcompose.cli.shell.groups import Helpful
from mmcompose.cli.shell.options import printed_as
from mmcompose.model import Fault, Problem

LARGEST = 4 * 1024 * 1024


@click.group("ovms", cls=Helpful)
def command() -> None:
    """OpenVINO Model Server: check its own files."""


@command.command()
@click.argument("files", nargs=-1, required=True, type=click.Path())
@click.option("--release", default="2025.4.1", show_default=True, metavar="VERSION", help="The server's release.")
@click.option("--rest-port", type=int, default=None, help="The server's --rest_port; 0 for none.")
@click.option("--memory", type=float, default=None, metavar="GIB", help="The host's memory, to judge cache sizes by.")
@click.option("--read-only", multiple=True, metavar="PATH", help="A folder that is mounted read-only.")
@printed_as(*FORMATS)
def check(
    *,
    files: tuple[str, ...],
    release: str,
    rest_port: int | None,
    memory: float | None,
    read_only: tuple[str, ...],
    style: str,
) -> None:
    """Report the faults of FILES, each a graph.pbtxt or a config.json.

    Exit code 0: nothing; 2: at least one error.

    \b
    mmcompose ovms check models/llm/graph.pbtxt
    mmcompose ovms check config.json --release 2025.4.1
    """
    from mmcompose.engines.ovms.config.config import check_config
    from mmcompose.engines.ovms.graph.graph import check_graph
    from mmcompose.model import Fault

    found: list[Problem] = []
    for file in files:
        text = _read(file)
        if isinstance(text, Fault):
            faults = [text]
        elif _is_config(file, text):
            faults = check_config(text, release, rest_port=rest_port)
        else:
            faults = check_graph(text, release, read_only_paths=read_only, host_memory_gib=memory)
        found += [fault.in_file(file) for fault in faults]
    report(found, style)
    if style == "text" and not found:
        note(f"{len(files)} file{'' if len(files) == 1 else 's'} checked for release {release}: nothing wrong")
    if any(problem.severity == "error" for problem in found):
        raise SystemExit(2)


def _read(file: str) -> str | Fault:
    from mmcompose.model import Fault

    try:
        with Path(file).open("rb") as stream:
            content = stream.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        return Fault.at(0, 0, f"cannot be read: {getattr(error, 'strerror', None) or error}", "", "file")
    if len(content) > LARGEST:
        return Fault.at(0, 0, f"is larger than {LARGEST // 1024**2} MiB", "", "file")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        column = error.start - content.rfind(b"\n", 0, error.start)
        return Fault.at(line, column, "the text is not UTF-8 from here on", "save it as UTF-8", "file")


def _is_config(file: str, text: str) -> bool:
    """Whether a file is a config, by its content: only JSON begins with a brace, and of JSON only a config lists
    servables."""
    start = text.lstrip("\ufeff \t\r\n")
    if start.startswith("{"):
        return "_config_list" in text or "monitoring" in text or not file.endswith(".pbtxt")
    return file.endswith(".json")
