"""Keeps the progress of a suite beside its results, so that it continues where it was stopped."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mmcompose.bench.run.folders import make
from mmcompose.bench.suite.matrix import Cell
from mmcompose.bench.whole_files import replace
from mmcompose.files.reading import content

STATE = "suite.json"


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


def read(folder: Path) -> State:
    """The state; an unreadable one counts as empty, since measuring again is only slow."""
    try:
        cells = json.loads(content(folder / STATE))["cells"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return State(folder)
    known = cells if isinstance(cells, dict) else {}
    return State(folder, {str(key): dict(value) for key, value in known.items() if isinstance(value, Mapping)})
