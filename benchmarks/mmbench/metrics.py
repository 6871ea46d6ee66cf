"""Reads the engine's own metrics before and after a level. Names differ between engines, meanings do not.

metric_names.json has the names; it is an extract of the tables that mmcompose keeps for its engines.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .limits import LARGEST_NUMBER

LINE = re.compile(r"^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{.*\})?\s+(\S+)(?:\s+-?\d+)?$")
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"')
SERIES_LIMIT = 20_000


@dataclass(frozen=True, slots=True)
class Name:
    """One name of one meaning. Of workers that all report the same value the highest counts; a share is never
    summed."""

    name: str
    select: Mapping[str, Sequence[str]]
    same_on: Sequence[str]
    share: bool

    def meant(self, labels: Mapping[str, str]) -> bool:
        return all(labels.get(label) in values for label, values in self.select.items())


def names() -> dict[str, Any]:
    text = Path(__file__).with_name("metric_names.json").read_text(encoding="utf-8")
    return dict(json.loads(text))


def grouped(table: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, list[Name]]:
    return {
        key: [
            Name(each["name"], each.get("select", {}), each.get("same_on", ()), each.get("share", False))
            for each in rows
        ]
        for key, rows in table.items()
    }


KNOWN = names()
PATHS: Mapping[str, str] = KNOWN["paths"]
COUNTERS, GAUGES, MEANS = (grouped(KNOWN[kind]) for kind in ("counters", "gauges", "means"))
READ = {each.name for table in (COUNTERS, GAUGES) for rows in table.values() for each in rows}
READ |= {f"{each.name}_{end}" for rows in MEANS.values() for each in rows for end in ("sum", "count")}

Series = dict[str, list[tuple[dict[str, str], float]]]


@dataclass(frozen=True, slots=True)
class Scrape:
    """One reading: the series of each known name."""

    path: str
    series: Series


def paths(owner: str | None) -> Sequence[str]:
    """The paths to read. Where reading empties /metrics, another path is used instead."""
    own = PATHS.get((owner or "").lower().replace("-", "_"))
    return (own,) if own else tuple(dict.fromkeys(("/metrics", *PATHS.values())))


def parse(text: str) -> Series:
    """Reads Prometheus text. An unreadable line is skipped: one odd metric must not cost the others."""
    found: Series = {}
    left = SERIES_LIMIT
    for line in text.splitlines():
        match = None if line.startswith("#") else LINE.match(line.strip())
        if not match or match[1] not in READ or not left:
            continue
        try:
            value = float(match[3])
        except ValueError:
            continue
        if math.isfinite(value) and abs(value) <= LARGEST_NUMBER:
            found.setdefault(match[1], []).append((dict(LABEL.findall(match[2] or "")), value))
            left -= 1
    return found


def is_prometheus(body: bytes) -> bool:
    """Whether an answer is Prometheus text: TensorRT-LLM answers JSON statistics at /metrics, and Prometheus text
    elsewhere."""
    try:
        json.loads(body)
    except (ValueError, RecursionError):
        return bool(body.strip())
    return False


def figure(series: Series, wanted: Name, ending: str = "") -> float | None:
    """One number from all matching series; None where the name does not occur."""
    if wanted.name + ending not in series:
        return None
    highest: dict[tuple[tuple[str, str], ...], float] = {}
    for labels, value in series[wanted.name + ending]:
        if wanted.meant(labels):
            place = tuple(sorted((label, text) for label, text in labels.items() if label not in wanted.same_on))
            highest[place] = max(value, highest.get(place, value))
    if wanted.share:
        return max(highest.values(), default=0.0)
    return sum(highest.values())


def compare(before: Scrape | None, after: Scrape | None) -> dict[str, Any] | None:
    """Differences of counters, states after; a counter that fell (a restart) is null, never a negative number."""
    if before is None or after is None:
        return None
    found: dict[str, Any] = {"path": after.path}
    for key, rows in COUNTERS.items():
        row = first(after.series, rows)
        if row is not None:
            found[key] = grown(before.series, after.series, row)
    for key, rows in GAUGES.items():
        row = first(after.series, rows)
        if row is not None:
            found[key] = figure(after.series, row)
    for key, rows in MEANS.items():
        row = first(after.series, rows, "_count")
        total, count = (
            (grown(before.series, after.series, row, end) for end in ("_sum", "_count")) if row else (None, 0)
        )
        if total is not None and count:
            found[f"{key}_mean_ms"] = round(1000 * total / count, 4)
    return found


def first(series: Series, rows: Sequence[Name], ending: str = "") -> Name | None:
    """The first existing name: counters that rise during a request come before those that rise at its end."""
    return next((row for row in rows if row.name + ending in series), None)


def grown(before: Series, after: Series, row: Name, ending: str = "") -> float | None:
    old, new = figure(before, row, ending), figure(after, row, ending)
    if new is None or (old is not None and new < old):
        return None
    return round(new - (old or 0.0), 6)
