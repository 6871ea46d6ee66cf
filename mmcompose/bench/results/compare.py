"""Decides whether B is better than A: matches points, refuses unlike loads, gives every change an interval. Pure.

A side is one run, or repeats of it. Within one run the interval comes from its requests, so drift between runs is not
in it; with three repeats or more on both sides it comes from the runs.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from statistics import fmean
from typing import Any, Literal

from mmcompose.bench.results import alike, figures, knee, resampling
from mmcompose.bench.results.alike import Difference
from mmcompose.bench.results.metrics import METRICS, Metric, value
from mmcompose.bench.results.record import Record, at, number

Verdict = Literal["better", "worse", "same", "inconclusive"]
_SURE = 0.95


@dataclass(frozen=True, slots=True)
class ComparedMetric:
    """One metric of one point. `change` is relative, for shares in points; `low` and `high` bound it."""

    point: str
    metric: Metric
    before: float
    after: float
    change: float
    low: float | None
    high: float | None
    verdict: Verdict
    why: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    before: str
    after: str
    refused: tuple[str, ...]
    differences: tuple[Difference, ...]
    caveats: tuple[str, ...]
    rows: tuple[ComparedMetric, ...]
    unmatched: tuple[str, ...]
    confidence: float
    between_runs: bool

    @property
    def regressions(self) -> list[ComparedMetric]:
        return [row for row in self.rows if row.verdict == "worse"]

    def data(self) -> dict[str, Any]:
        """The same for a program."""
        rows = [{**asdict(row), "metric": row.metric.name, "unit": row.metric.unit} for row in self.rows]
        plain = {**asdict(self), "rows": rows, "differences": [each._asdict() for each in self.differences]}
        return {"told": plain.pop("caveats"), **plain}


Points = dict[str, list[Mapping[str, Any]]]


def compare(before: Sequence[Record], after: Sequence[Record], *, unlike: bool = False) -> Comparison:
    """Compares runs. `unlike` compares loads that differ, and notes it."""
    one, other = before[0], after[0]
    mine, theirs = _points(before), _points(after)
    matched = [name for name in mine if name in theirs]
    refused = list(_refusals(one, other, mine, theirs, matched))
    repeats = min(len(before), len(after)) >= 3
    rows: list[ComparedMetric] = []
    confidence = _SURE
    if matched and (unlike or not refused):
        bare = [
            (name, metric)
            for name in matched
            for metric in _metrics(mine[name][0])
            if _both(mine[name], theirs[name], metric)
        ]
        # One chance in twenty over the whole table, not for each of its lines.
        confidence = 1 - (1 - _SURE) / max(1, len(bare))
        samples = {"before": _samples(before), "after": _samples(after)}
        for name, metric in bare:
            draws = None if repeats else samples
            rows.append(_row(name, metric, mine[name], theirs[name], draws, confidence))
    return Comparison(
        _named(before),
        _named(after),
        tuple(refused),
        tuple(alike.targets(one.result, other.result)),
        tuple(_caveats(before, after, mine, theirs, matched)),
        tuple(rows),
        tuple(
            f"{name}: only in {_named(before if name in mine else after)}"
            for name in {*mine, *theirs}
            if name not in matched
        ),
        confidence,
        repeats,
    )


def _metrics(point: Mapping[str, Any]) -> list[Metric]:
    """The figures of any point, and those of an eval."""
    return [*METRICS, *figures.metrics(point)]


def _points(records: Sequence[Record]) -> Points:
    found: Points = {}
    for record in records:
        for point in record.points:
            found.setdefault(point["name"], []).append(point)
    return found


def _named(records: Sequence[Record]) -> str:
    name = records[0].folder.name
    return name if len(records) == 1 else f"{name} and {len(records) - 1} more"


def _refusals(one: Record, other: Record, mine: Points, theirs: Points, matched: Sequence[str]) -> list[str]:
    if one.kind != other.kind:
        return [f"kind: {one.kind} and {other.kind}"]
    if not matched:
        return [f"no point in common: {', '.join(mine) or 'none'} and {', '.join(theirs) or 'none'}"]
    found = [f"{d.what}: {d.before} and {d.after}" for d in alike.images(one.result, other.result)]
    return list(dict.fromkeys([*found, *_of_loads(mine, theirs, matched, alike.MUST_BE_ALIKE)]))


def _of_loads(mine: Points, theirs: Points, matched: Sequence[str], parts: tuple[str, ...]) -> Iterator[str]:
    for name in matched:
        loads = mine[name][0].get("load") or {}, theirs[name][0].get("load") or {}
        yield from (f"{name}: {d.what}: {d.before} and {d.after}" for d in alike.loads(*loads, parts))


def _caveats(
    before: Sequence[Record], after: Sequence[Record], mine: Points, theirs: Points, matched: Sequence[str]
) -> list[str]:
    """Warnings above the table: runs that did not end, and smaller differences of the loads."""
    found = [f"{one.folder.name}: {one.status}" for one in (*before, *after) if one.status != "complete"]
    found += [f"{one.folder.name}: {note}" for one in (*before, *after) for note in one.notes]
    return list(dict.fromkeys([*found, *_of_loads(mine, theirs, matched, alike.MATTERS_LESS)]))


def _both(before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]], metric: Metric) -> bool:
    if metric.better > 0 and metric.unit and at(before[0], "load", "mode") == "open":
        return False  # the rate was given, so it proves nothing
    found = [value(point, metric) for point in (*before, *after)]
    return all(each is not None for each in found) and (metric.name != "errors" or any(found))


def _row(
    name: str,
    metric: Metric,
    before: Sequence[Mapping[str, Any]],
    after: Sequence[Mapping[str, Any]],
    samples: Mapping[str, dict[str, list[Mapping[str, Any]]]] | None,
    confidence: float,
) -> ComparedMetric:
    mine = [each for point in before if (each := value(point, metric)) is not None]
    theirs = [each for point in after if (each := value(point, metric)) is not None]
    old, new = fmean(mine), fmean(theirs)
    of_shares = bool(metric.of)
    change = new - old if of_shares or old == 0 else new / old - 1
    bounds: tuple[float, float] | None
    if of_shares:
        of, of_then = (sum(number(p, *metric.of) or 0 for p in side) for side in (before, after))
        bounds = resampling.share_interval(old * of, of, new * of_then, of_then, confidence)
    elif samples is None:
        bounds = resampling.t_interval(mine, theirs, confidence)
    else:
        bounds = _drawn(metric, samples["before"].get(name, []), samples["after"].get(name, []), confidence, change)
    low, high = bounds or (None, None)
    row = ComparedMetric(name, metric, old, new, change, low, high, "inconclusive")
    doubts = knee.CLIENT_LATE | knee.NOT_AS_REQUESTED
    flags = (str(at(flag, "id")) for point in (*before, *after) for flag in point.get("validity") or ())
    doubted = next((flag for flag in flags if flag in doubts), None)
    return replace(row, why=doubted) if doubted else _judged(row)


def _drawn(
    metric: Metric,
    before: Sequence[Mapping[str, Any]],
    after: Sequence[Mapping[str, Any]],
    confidence: float,
    change: float,
) -> tuple[float, float] | None:
    rng = random.Random(f"1/{metric.name}")  # noqa: S311 - the same draws in each comparison
    draws = []
    for side in (before, after):
        if metric.sample:
            values = [each for one in side if (each := number(one, metric.sample)) is not None]
            draws.append(resampling.quantile_draws(values, metric.share, rng) if len(values) > 1 else [])
        elif metric.unit:
            part = "generated_tokens" if metric.unit == "tok/s" else None
            pairs = [
                (number(one, part) or 0.0 if part else 1.0, seconds)
                for one in side
                if (seconds := number(one, "wall_s")) is not None
            ]
            draws.append(resampling.rate_draws(pairs, rng) if len(pairs) > 1 else [])
    if len(draws) < 2 or not all(draws):
        return None
    return resampling.ratio_interval(draws[0], draws[1], confidence, change)


def _samples(records: Sequence[Record]) -> dict[str, list[Mapping[str, Any]]]:
    """The successful requests, by point."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for record in records:
        for request in record.requests():
            if request.get("ok"):
                found.setdefault(str(request.get("point")), []).append(request)
    return found


def _judged(row: ComparedMetric) -> ComparedMetric:
    """The verdict. Worse or better: certainly so, and beyond noise. Same: certainly not beyond noise."""
    tolerance, way = row.metric.tolerance, row.metric.better
    if row.low is None or row.high is None:
        if row.metric.sample or row.metric.unit:
            return replace(row, why="no requests to bound it with")
        verdict: Verdict = "same" if abs(row.change) <= tolerance else "better" if row.change * way > 0 else "worse"
        return replace(row, verdict=verdict, why="without an interval")
    if row.low <= 0 <= row.high:
        narrow = max(-row.low, row.high) <= tolerance or row.change == 0 == row.before
        return replace(row, verdict="same" if narrow else "inconclusive")
    if abs(row.change) <= tolerance:
        return replace(row, verdict="same" if max(-row.low, row.high) <= tolerance else "inconclusive")
    return replace(row, verdict="better" if row.change * way > 0 else "worse")
