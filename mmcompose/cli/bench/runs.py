"""The runs that a person means: a folder, the beginning or the end of a run's name, or `latest`."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from mmcompose.cli.printing.output import fail, note
from mmcompose.cli.shell.here import root
from mmcompose.model.paths import RESULTS

if TYPE_CHECKING:
    from mmcompose.bench.results.record import Record
    from mmcompose.deploy.docker.engine import Engine

_SHOWN = 5


def results(folder: str) -> Path:
    return root(folder) / RESULTS


def one(folder: str, name: str) -> Record:
    found = several(folder, name)
    if len(found) > 1:
        _several(name, found)
    return found[0]


def several(folder: str, name: str) -> list[Record]:
    """One run, or all in a folder of repeats."""
    return settled(_several_as_they_lie(folder, name))


def _several_as_they_lie(folder: str, name: str) -> list[Record]:
    from mmcompose.bench.results.record import below, read
    from mmcompose.bench.suite.state import STATE

    place = Path(name)
    if (place / STATE).is_file():
        return suite_runs(place, results(folder)) or fail(f"no run of {name} can be read", 2)
    if (place / "result.json").is_file() or place.is_file():
        return [read(place)]
    if place.is_dir():
        found = below(place)
        return found or fail(f"there is no run in {name}", 2)
    known = below(results(folder))
    if name == "latest" and known:
        return [known[-1]]
    named = [record for record in known if _is_called(record, name)]
    if len(named) > 1:
        _several(name, named)
    return named or fail(f"no run {name!r}: it is neither a folder nor one of `mmcompose bench list`", 2)


def suite_runs(place: Path, below: Path) -> list[Record]:
    """The runs that a suite has done, in its order."""
    from mmcompose.bench.results.record import UnreadableError, read
    from mmcompose.bench.suite import state

    found = []
    for cell in state.read(place).done.values():
        with suppress(UnreadableError):
            found += [read(below / str(cell["run"]))] if cell.get("run") else []
    return found


def settled(records: list[Record]) -> list[Record]:
    """Corrects runs whose mmcompose was killed once their client is gone; only Docker knows that."""
    from mmcompose.deploy.docker.client import DockerEngine
    from mmcompose.deploy.docker.engine import EngineError

    if all(record.status != "running" for record in records):
        return records
    try:
        return _with(records, DockerEngine())
    except EngineError:
        return records


def settle_all(folder: str, engine: Engine) -> None:
    """What earlier runs left behind, before a new one begins."""
    from mmcompose.bench.results.record import below

    _with(below(results(folder)), engine)


def _with(records: list[Record], engine: Engine) -> list[Record]:
    from mmcompose.bench.run.settling import left_behind

    try:
        over = {record.folder: record for record in left_behind(records, engine)}
    except OSError as error:
        note(f"warning: {error.filename} says that it runs, and cannot be corrected: {error.strerror}")
        return records
    return [over.get(record.folder, record) for record in records]


def _several(name: str, found: list[Record]) -> NoReturn:
    more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    names = ", ".join(record.folder.name for record in found[:_SHOWN])
    fail(f"{name} stands for {len(found)} runs: {names}{more}; name one of them", 2)


def _is_called(record: Record, wanted: str) -> bool:
    """Whether the name begins so, or ends in these few digits, which tell it from all others."""
    names = (record.folder.name, _id(record))
    return any(name.startswith(wanted) or name.endswith(f"-{wanted}") for name in names)


def _id(record: Record) -> str:
    return str(record.result["run"].get("id") or "-")
