"""The data of the page's charts, as plain values: curves, distributions, the line of time."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Mapping, Sequence
from io import TextIOWrapper
from typing import Any

from mmcompose.bench.results import knee
from mmcompose.bench.results.record import SERIES, Record, at, number
from mmcompose.files.reading import opened

_MOST = 1200
_LEAST = 0.01  # ms; events that came together have no gap, and a logarithmic axis no zero


def charts(record: Record) -> list[dict[str, Any]]:
    """The charts that have data."""
    found = [curve([record]), likeness([record]), *_distributions(record), _timeline(record)]
    return [chart for chart in found if chart]


def names(records: Sequence[Record]) -> list[str]:
    """Names for the runs of one page: the measured thing, or if that is the same for all, the run itself."""
    alike = len({record.name for record in records}) < len(records)
    return [record.folder.name if alike else record.name for record in records]


def _chart(kind: str, title: str, note: str, lines: list[dict[str, Any]], **axes: str) -> dict[str, Any] | None:
    """A chart; None without lines."""
    return {"kind": kind, "title": title, "note": note, **axes, "lines": lines} if lines else None


def _named(records: Sequence[Record]) -> Iterator[tuple[int, Record, str]]:
    """Each run with its number and, if there are several, its name before a label."""
    for index, (record, name) in enumerate(zip(records, names(records), strict=True)):
        yield index, record, f"{name} " if len(records) > 1 else ""


def curve(records: Sequence[Record]) -> dict[str, Any] | None:
    """Throughput against latency, in the order of the load; one pair of lines, of one colour, for each run."""
    lines, unit, fields, late = [], "tok/s", set(), []
    for index, record, before in _named(records):
        points = _by_load(record)
        if len(points) < 2:
            continue
        reach = knee.of(record.points)
        unit = reach.unit
        late += [f"{before}{reach.caveat}"] if reach.caveat else []
        field = "ttft_ms" if any(number(point, "ttft_ms", "p50") for point in points) else "e2e_ms"
        fields.add(field)
        for figure in ("p50", "p99"):
            dots = [
                {
                    "x": knee.throughput(point),
                    "y": value,
                    "label": point["name"],
                    "knee": number(point, "load", "concurrency") == reach.knee is not None,
                }
                for point in points
                if (value := number(point, field, figure)) is not None
            ]
            if dots:
                label = f"{before}{_LATENCY[field]} {figure}"
                lines.append({"label": label, "points": dots, "dash": figure == "p99", "run": index})
    note = "Each dot is a level of load. The diamond is the knee: the lowest within 5 % of the best healthy throughput."
    latency = " or ".join(_LONG[field] for field in sorted(fields, reverse=True))
    note = " ".join([note, *(f"{each[:1].upper()}{each[1:]}." for each in late)])
    title = "Throughput against latency"
    return _chart("curve", title, note, lines, x=f"throughput, {unit}", y=f"{latency}, ms")


def _by_load(record: Record) -> list[Mapping[str, Any]]:
    """The points with answers, the lightest load first."""
    points = [point for point in record.points if knee.throughput(point)]
    return sorted(points, key=lambda p: number(p, "load", "concurrency") or number(p, "load", "rate") or 0.0)


def likeness(records: Sequence[Record]) -> dict[str, Any] | None:
    """The similarity of the answers to the truth at each level: the mean, and the worst answer."""
    lines = []
    for index, record, before in _named(records):
        for title, field, dash in (("mean", "similarity_mean", False), ("worst answer", "similarity_min", True)):
            dots = [
                {"x": level, "y": value, "label": point["name"]}
                for level, point in knee.levels(record.points)
                if (value := number(point, "score", field)) is not None
            ]
            if dots:
                lines.append({"label": f"{before}{title}", "points": dots, "dash": dash, "run": index})
    note = (
        "1 is the text of the truth, letter by letter. An answer that gets worse under load is a fault of the engine."
    )
    return _chart("likeness", "Similarity to the truth", note, lines, x="requests in flight", y="similarity")


_LATENCY = {"ttft_ms": "TTFT", "e2e_ms": "E2E"}
_LONG = {"ttft_ms": "time to first token", "e2e_ms": "time of a whole answer"}
_CDFS = (
    ("ttft_ms", "Time to first token", "Share of requests whose first token came within a time."),
    ("itl_ms", "Time between tokens", "Share of all gaps between two events with text of a request."),
)


def _distributions(record: Record) -> Iterator[dict[str, Any] | None]:
    for field, title, note in _CDFS:
        lines = []
        for point in record.points:
            values = _quantiles(record, point, field)
            if len(values) > 1:
                last = len(values) - 1
                dots = [{"x": max(value, _LEAST), "y": 100 * place / last} for place, value in enumerate(values)]
                lines.append({"label": point["name"], "points": dots})
        yield _chart("cdf", title, note, lines, x=f"{title.lower()}, ms", y="share, %")


def _quantiles(record: Record, point: Mapping[str, Any], field: str) -> list[float]:
    known = at(point, field, "quantiles")
    if isinstance(known, list):
        return [float(value) for value in known if isinstance(value, (int, float))]
    if field == "itl_ms":
        return []
    values = sorted(
        value
        for request in record.requests()
        if request.get("point") == point["name"] and (value := number(request, field)) is not None
    )
    step = max(1, len(values) // 200)
    return [*values[::step], values[-1]] if values else []


def _timeline(record: Record) -> dict[str, Any] | None:
    """Requests in flight, tokens and failures, second by second; a long run is thinned for the eye."""
    rows = _series(record)
    if len(rows) < 2:
        return None
    step = -(-len(rows) // _MOST)
    lines = []
    for field, title, axis in (
        ("in_flight", "in flight", "left"),
        ("tokens", "tok/s", "right"),
        ("failed", "failed", "left"),
    ):
        dots = [{"x": row["t"], "y": row.get(field, 0.0)} for row in rows[::step]]
        if any(dot["y"] for dot in dots):
            lines.append({"label": title, "points": dots, "axis": axis})
    note = "Every level of load after the other."
    return _chart("time", "Timeline", note, lines, x="time, s", y="requests", y2="tok/s")


def _series(record: Record) -> list[dict[str, float]]:
    try:
        with TextIOWrapper(opened(record.folder / SERIES), "utf-8", newline="") as file:
            read = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error):
        return []
    found = []
    for row in read:
        try:
            figures = {name: float(value) for name, value in row.items() if name != "point" and value}
            found.append({name: value for name, value in figures.items() if math.isfinite(value)})
        except (TypeError, ValueError):
            continue
    return sorted((row for row in found if "t" in row), key=lambda row: row["t"])
