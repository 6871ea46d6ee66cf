"""The runs that a person means: a folder, the beginning of a run's name, or `latest`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mmcompose.cli.here import root
from mmcompose.cli.output import fail

if TYPE_CHECKING:
    from mmcompose.bench.record import Record

RESULTS = "benchmarks/results"


def results(folder: str) -> Path:
    return root(folder) / RESULTS


def one(folder: str, word: str) -> Record:
    found = several(folder, word)
    if len(found) > 1:
        fail(f"{word} is {len(found)} runs: {', '.join(record.folder.name for record in found[:5])}; name one", 2)
    return found[0]


def several(folder: str, word: str) -> list[Record]:
    """One run, or all in a folder of repeats."""
    from mmcompose.bench.record import UnreadableError, below, read

    place = Path(word)
    try:
        if (place / "result.json").is_file() or place.is_file():
            return [read(place)]
        if place.is_dir():
            found = below(place)
            return found or fail(f"no run lies in {word}", 2)
        known = below(results(folder))
        if word == "latest" and known:
            return [known[-1]]
        named = [record for record in known if record.folder.name.startswith(word) or _id(record).startswith(word)]
    except UnreadableError as error:
        fail(str(error), 2)
    if len(named) > 1:
        fail(f"{word} is {len(named)} runs: {', '.join(record.folder.name for record in named[:5])}; name one", 2)
    return named or fail(f"no run {word!r}: it is neither a folder nor one of `mmcompose bench list`", 2)


def _id(record: Record) -> str:
    return str(record.result["run"].get("id") or "-")
