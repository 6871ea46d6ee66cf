"""The runs that a person means: a folder, the beginning or the end of a run's name, or `latest`."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import cached_property
from pathlib import Path

from mmcompose.bench.results.record import RESULT, Record, UnreadableError, below, read
from mmcompose.bench.run.settling import left_behind
from mmcompose.bench.suite import state
from mmcompose.deploy.docker.engine import DockerEngine, EngineError
from mmcompose.model.failure import Failure

_SHOWN = 5


class Runs:
    """The runs of a project. `results` finds the folder of its results: a run that is named by its path needs no
    project."""

    def __init__(self, results: Callable[[], Path], note: Callable[[str], None]) -> None:
        self._results, self._note = results, note

    @cached_property
    def results(self) -> Path:
        return self._results()

    def one(self, name: str) -> Record:
        found = self.several(name)
        return found[0] if len(found) == 1 else _refuse_several(name, found)

    def several(self, name: str) -> list[Record]:
        """One run, or all in a folder of repeats."""
        return self._settled(self._as_they_lie(name))

    def all(self) -> list[Record]:
        return self._settled(below(self.results))

    def settle(self, engine: DockerEngine) -> None:
        """Settles the runs that were left behind, before a new one begins."""
        self._corrected(below(self.results), engine)

    def _as_they_lie(self, name: str) -> list[Record]:
        place = Path(name)
        if (place / state.STATE).is_file():
            return _found(_suite_runs(place, self.results), f"no run of {name} can be read")
        if (place / RESULT).is_file() or place.is_file():
            return [read(place)]
        if place.is_dir():
            return _found(below(place), f"there is no run in {name}")
        known = below(self.results)
        if name == "latest" and known:
            return [known[-1]]
        named = [record for record in known if _is_called(record, name)]
        if len(named) > 1:
            _refuse_several(name, named)
        return _found(named, f"no run {name!r}: it is neither a folder nor one of `mmcompose bench list`")

    def _settled(self, records: list[Record]) -> list[Record]:
        """Corrects runs whose mmcompose was killed once their client is gone; only Docker knows that."""
        if all(record.status != "running" for record in records):
            return records
        try:
            return self._corrected(records, DockerEngine())
        except EngineError:
            return records

    def _corrected(self, records: list[Record], engine: DockerEngine) -> list[Record]:
        try:
            over = {record.folder: record for record in left_behind(records, engine)}
        except OSError as error:
            self._note(f"warning: {error.filename} has the state `running`, and cannot be corrected: {error.strerror}")
            return records
        return [over.get(record.folder, record) for record in records]


def _suite_runs(place: Path, results: Path) -> list[Record]:
    """The finished runs of a suite, in its order."""
    found = []
    for cell in state.read(place).done.values():
        with suppress(UnreadableError):
            found += [read(results / str(cell["run"]))] if cell.get("run") else []
    return found


def _found(records: list[Record], otherwise: str) -> list[Record]:
    if not records:
        raise Failure(otherwise, 2)
    return records


def _refuse_several(name: str, found: list[Record]) -> Record:
    more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    names = ", ".join(record.folder.name for record in found[:_SHOWN])
    raise Failure(f"{name} stands for {len(found)} runs: {names}{more}; name one of them", 2)


def _is_called(record: Record, wanted: str) -> bool:
    """Whether the name begins so, or ends in these few digits, which distinguish it from all others."""
    names = (record.folder.name, str(record.result["run"].get("id") or "-"))
    return any(name.startswith(wanted) or name.endswith(f"-{wanted}") for name in names)
