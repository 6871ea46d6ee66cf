"""Shows the outcome of a suite: a line for each run, with its settings and its best figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mmcompose.bench.results import knee
from mmcompose.bench.results.metrics import shown
from mmcompose.bench.results.record import Record, number
from mmcompose.bench.suite.matrix import Cell

HEADS = ("RUN", "STATUS", "BEST", "AT", "TTFT P50", "FAILED")
LEAST = ("FAILED", "AT")
"""Columns that a narrow terminal leaves out."""


def rows(cells: Sequence[Cell], codes: Mapping[str, int], records: Mapping[str, Record]) -> list[list[str]]:
    """The lines. `codes` and `records` are by the id of a cell; an unmeasured cell has neither."""
    return [_row(cell, codes.get(cell.id), records.get(cell.id)) for cell in cells]


def _row(cell: Cell, code: int | None, record: Record | None) -> list[str]:
    status = "not measured" if code is None else "done" if code == 0 else f"failed ({code})"
    rated = [(rate, point) for point in (record.points if record else ()) if (rate := knee.throughput(point))]
    if not rated:
        return [cell.shown, status, "-", "-", "-", "-"]
    rate, best = max(rated, key=lambda pair: pair[0])
    failed = sum(int(number(point, "requests", "failed") or 0) for _, point in rated)
    unit = knee.of([point for _, point in rated]).unit
    return [
        cell.shown,
        status,
        shown(rate, unit),
        best["name"],
        shown(number(best, "ttft_ms", "p50"), "ms"),
        str(failed),
    ]
