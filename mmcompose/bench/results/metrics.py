"""The figures of a point that are compared and shown: their places, their better direction, their noise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from mmcompose.bench.results.record import number


class Metric(NamedTuple):
    """One figure. `sample` is the field of a request whose quantile it is; `better` is 1 if more is better; `of` is the
    place of the count behind a share."""

    name: str
    title: str
    unit: str
    path: tuple[str, ...]
    better: int
    tolerance: float
    sample: str = ""
    share: float = 0.5
    of: tuple[str, ...] = ()


METRICS = (
    Metric("output_tok_s", "output", "tok/s", ("output_tok_s",), 1, 0.05),
    Metric("req_s", "requests", "req/s", ("req_s",), 1, 0.05),
    Metric("ttft_p50", "TTFT p50", "ms", ("ttft_ms", "p50"), -1, 0.10, "ttft_ms"),
    Metric("ttft_p99", "TTFT p99", "ms", ("ttft_ms", "p99"), -1, 0.20, "ttft_ms", 0.99),
    Metric("tpot_p50", "TPOT p50", "ms", ("tpot_ms", "p50"), -1, 0.10, "tpot_ms"),
    Metric("tpot_p99", "TPOT p99", "ms", ("tpot_ms", "p99"), -1, 0.20, "tpot_ms", 0.99),
    Metric("e2e_p50", "E2E p50", "ms", ("e2e_ms", "p50"), -1, 0.10, "wall_s"),
    Metric("e2e_p99", "E2E p99", "ms", ("e2e_ms", "p99"), -1, 0.20, "wall_s", 0.99),
    Metric("errors", "errors", "", ("error_share",), -1, 0.0, of=("requests", "sent")),
    Metric("similarity", "similarity", "", ("score", "similarity_mean"), 1, 0.01),
    Metric("exact", "exact", "", ("score", "exact_share"), 1, 0.02, of=("score", "scored")),
)

COLUMNS = (
    ("point", ("name",)),
    ("ok", ("requests", "ok")),
    ("failed", ("requests", "failed")),
    ("in flight", ("window", "in_flight_mean")),
    ("req/s", ("req_s",)),
    ("tok/s", ("output_tok_s",)),
    ("TTFT p50", ("ttft_ms", "p50")),
    ("TTFT p99", ("ttft_ms", "p99")),
    ("TPOT p50", ("tpot_ms", "p50")),
    ("TPOT p99", ("tpot_ms", "p99")),
    ("ITL p50", ("itl_ms", "p50")),
    ("E2E p50", ("e2e_ms", "p50")),
    ("E2E p99", ("e2e_ms", "p99")),
    ("goodput", ("goodput", "share")),
    ("similarity", ("score", "similarity_mean")),
    ("exact", ("score", "exact_share")),
)
"""The table of a run. A column that no point has is left out."""


def value(point: Mapping[str, Any], metric: Metric) -> float | None:
    return number(point, *metric.path)


def shown(value: float | None, unit: str = "") -> str:
    """A number with three to four digits."""
    if value is None:
        return "-"
    size = abs(value)
    text = f"{value:,.0f}" if size >= 1000 else f"{value:.1f}" if size >= 100 else f"{value:.2f}" if size >= 1 else ""
    text = text or (f"{value:.3f}" if value else "0")
    return f"{text} {unit}".strip()


def table(points: list[Mapping[str, Any]]) -> tuple[list[str], list[list[str]]]:
    """The headers and rows of a run's table."""
    from mmcompose.bench.results.record import at

    columns = [(title, path) for title, path in COLUMNS if any(at(point, *path) is not None for point in points)]
    rows = [[_cell(at(point, *path)) for _, path in columns] for point in points]
    return [title for title, _ in columns], rows


def _cell(found: Any) -> str:
    if found is None:
        return "-"
    return shown(found) if isinstance(found, float) else str(found)
