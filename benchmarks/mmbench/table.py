"""Writes the final table in plain text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

COLUMNS: dict[str, tuple[str, ...]] = {
    "point": ("name",),
    "ok": ("requests", "ok"),
    "failed": ("requests", "failed"),
    "in flight": ("window", "in_flight_mean"),
    "req/s": ("req_s",),
    "tok/s": ("output_tok_s",),
    "TTFT p50": ("ttft_ms", "p50"),
    "p99 ms": ("ttft_ms", "p99"),
    "TPOT p50": ("tpot_ms", "p50"),
    "p99  ms": ("tpot_ms", "p99"),
    "ITL p50": ("itl_ms", "p50"),
    "E2E p50": ("e2e_ms", "p50"),
    "goodput": ("goodput", "share"),
    "similarity": ("score", "similarity_mean"),
    "exact": ("score", "exact_share"),
}


def reach(point: dict[str, Any], path: tuple[str, ...]) -> Any:
    value: Any = point
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def cell(value: Any) -> str:
    if value is None:
        return "-"
    return f"{value:.2f}" if isinstance(value, float) else str(value)


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return ["  ".join(text.rjust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def table(result: dict[str, Any]) -> str:
    points = result["points"]
    lines: list[str] = []
    if points:
        columns = {
            name: path for name, path in COLUMNS.items() if any(reach(each, path) is not None for each in points)
        }
        rows = [list(columns), *([cell(reach(each, path)) for path in columns.values()] for each in points)]
        lines += aligned(rows)
    for point in points:
        for name, count in sorted(point["errors"].items()):
            lines.append(f"{point['name']}: {name} x {count}: {first_line(point['error_examples'][name])}")
        lines += [f"{point['name']}: {flag['id']}: {flag['detail']} ({flag['meaning']})" for flag in point["validity"]]
    if result.get("knee"):
        found = result["knee"]
        lines.append(f"knee: {cell(found['concurrency'])} ({found['reason']})")
    run = result["run"]
    lines.append(f"{run['status']}" + (f": {run['exit_reason']}" if run["exit_reason"] else ""))
    return "\n".join(lines)


def first_line(text: str, limit: int = 160) -> str:
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"
