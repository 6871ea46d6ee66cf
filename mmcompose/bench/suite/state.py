"""Keeps the progress of a suite beside its results, so that it continues where it was stopped."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mmcompose.bench.results import record
from mmcompose.bench.results.record import Record, UnreadableError
from mmcompose.bench.run.folders import make
from mmcompose.bench.suite.matrix import Cell
from mmcompose.bench.whole_files import replace
from mmcompose.deploy.interruption import Interrupted
from mmcompose.files.reading import content
from mmcompose.model.failure import Failure

STATE = "suite.json"
_INTERRUPTED = 130


@dataclass(slots=True)
class State:
    """Cells by their id: the run's folder relative to the results, and its exit code."""

    folder: Path
    done: dict[str, dict[str, Any]] = field(default_factory=dict)

    def has(self, cell: Cell) -> bool:
        """Whether a run is done; a failed one is not, and runs again."""
        found = self.done.get(cell.id)
        return found is not None and found.get("code") == 0

    def keep(self, cell: Cell, run: str | None, code: int) -> None:
        self.done[cell.id] = {"cell": cell.shown, "run": run, "code": code}
        make(self.folder)
        replace(self.folder / STATE, json.dumps({"cells": self.done}, indent=1, ensure_ascii=False) + "\n")

    def go_on(
        self, cells: Sequence[Cell], measure: Callable[[Cell], tuple[str | None, int]], note: Callable[[str], None]
    ) -> list[str]:
        """Measures the open runs, and returns the failed ones. A run that cannot be measured does not stop the
        others."""
        failed = []
        for number, cell in enumerate(cells, 1):
            if self.has(cell):
                continue
            note(f"[{number}/{len(cells)}] {cell.shown}")
            try:
                run, code = measure(cell)
            except Failure as failure:
                note(failure.message)
                run, code = None, failure.code
            self.keep(cell, run, code)
            if code == _INTERRUPTED:
                raise Interrupted([])
            if code:
                failed.append(f"  {cell.shown}: exit code {code}")
        return failed

    def records(self, cells: Sequence[Cell], results: Path) -> dict[str, Record]:
        """The readable results of the runs, by their cells."""
        found = {}
        for cell in cells:
            with suppress(UnreadableError):
                if run := self.done.get(cell.id, {}).get("run"):
                    found[cell.id] = record.read(results / run)
        return found


def read(folder: Path) -> State:
    """The state; an unreadable one counts as empty, since measuring again is only slow."""
    try:
        cells = json.loads(content(folder / STATE))["cells"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return State(folder)
    known = cells if isinstance(cells, dict) else {}
    return State(folder, {str(key): dict(value) for key, value in known.items() if isinstance(value, Mapping)})
