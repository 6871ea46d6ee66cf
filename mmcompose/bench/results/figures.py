"""The figures of an eval. Each has its own title, scorer and interval, so that a new one needs no code here. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from mmcompose.bench.results.metrics import Metric, shown
from mmcompose.bench.results.record import at, number

_TOLERANCE = 0.01


class Figure(NamedTuple):
    """One figure. `of` is the number of answers behind a share; `better` is 1 if more is better, -1 if less is, and 0
    for a figure that no decision should rest on."""

    point: str
    name: str
    title: str
    value: float
    low: float | None
    high: float | None
    of: int | None
    better: int
    scorer: str
    note: str


def figures(points: Iterable[Mapping[str, Any]]) -> Iterator[Figure]:
    for point in points:
        listed = at(point, "score", "figures")
        for name, each in listed.items() if isinstance(listed, Mapping) else ():
            value, of, better = number(each, "value"), number(each, "of"), number(each, "better")
            if value is None:
                continue
            yield Figure(
                str(point.get("name")),
                str(name),
                str(at(each, "title") or name),
                value,
                number(each, "low"),
                number(each, "high"),
                None if of is None else int(of),
                int(better or 0),
                str(at(each, "scorer") or ""),
                str(at(each, "note") or ""),
            )


def metrics(point: Mapping[str, Any]) -> list[Metric]:
    """The figures of a point as metrics that are compared."""
    found = []
    for each in figures([point]):
        path = ("score", "figures", each.name)
        of = (*path, "of") if each.of is not None else ()
        if each.better:
            found.append(Metric(each.name, each.title, "", (*path, "value"), each.better, _TOLERANCE, of=of))
    return found


HEADS = ("measure", "score", "95 %", "of", "scored by")


def table(points: Iterable[Mapping[str, Any]]) -> list[list[str]]:
    """The rows under HEADS; none for a run that is no eval."""
    rows = []
    for each in figures(points):
        between = "-" if each.low is None or each.high is None else f"{shown(each.low)} … {shown(each.high)}"
        cells = [f"{each.point}: {each.title}", shown(each.value), between, str(each.of or "-"), each.scorer]
        rows.append(cells)
    return rows


def notes(points: Iterable[Mapping[str, Any]]) -> list[str]:
    """The remarks on single figures, which a reader must know before believing them."""
    return list(dict.fromkeys(f"{each.point}: {each.title}: {each.note}" for each in figures(points) if each.note))
