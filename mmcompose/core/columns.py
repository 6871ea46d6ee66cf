"""Lays out columns under headers: as wide as they need, or fitted into a width. Pure.

A wrapped row is hard to read as a column. So where there is too little room, the least important columns are shortened
(marked with "…"), moved below their row, or left out. Without a width nothing is cut.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import NamedTuple

from mmcompose.core.wrapping import wrapped

Column = list[str]
"""A header and what stands under it."""

MISSING = "…"
_BETWEEN = 2
_SHORTEST = 8
_INDENT = "    "


class Fit(NamedTuple):
    """How to save room, by headers. `least` may be left out, the least important first, or moved `below` its row;
    `brief` columns have a shorter form; a `whole` column is useless when it is cut."""

    least: Sequence[str] = ()
    brief: Mapping[str, Callable[[str], str]] = {}
    whole: Collection[str] = ()
    below: bool = False


def page(columns: Sequence[Column], fit: Fit, width: int | None = None, right: Collection[str] = ()) -> list[str]:
    """The lines of a table. `width` is the reader's, if there is a limit; columns of `right` are aligned right."""
    lines: list[list[str]] = [[] for _ in columns[0]]
    shown = list(columns)
    if width is not None and fit.below:
        shown, lines = _moved(shown, fit.least, width)
    if width is not None:
        shown = fitted(shown, () if fit.below else fit.least, width, fit)
    widths = [_width(column) for column in shown]
    numbers = [column[0] in right for column in shown]
    rows = (_row(cells, widths, numbers) for cells in zip(*shown, strict=True))
    return [line for row, more in zip(rows, lines, strict=True) for line in (row, *more)]


def _row(cells: Sequence[str], widths: Sequence[int], numbers: Sequence[bool]) -> str:
    aligned = (
        cell.rjust(room) if number else cell.ljust(room)
        for cell, room, number in zip(cells, widths, numbers, strict=True)
    )
    return (" " * _BETWEEN).join(aligned).rstrip()


def fitted(columns: Sequence[Column], least: Sequence[str], width: int, fit: Fit | None = None) -> list[Column]:
    """Shortens or drops the `least` columns first, then uses `brief` forms, then cuts the widest columns but the first;
    it cuts `whole` columns last."""
    fit = fit or Fit()
    columns = _without_least(list(columns), least, width, fit.whole)
    if _over(columns, width) > 0:
        columns = [[column[0], *map(fit.brief.get(column[0], str), column[1:])] for column in columns]
    for kept in (fit.whole, ()):
        while _over(columns, width) > 0:
            able = [place for place in range(1, len(columns)) if columns[place][0] not in kept]
            widest = max(able, key=lambda place: _width(columns[place]), default=0)
            room = _width(columns[widest]) - 1
            if not widest or room < max(_SHORTEST, len(columns[widest][0])):
                break
            columns[widest] = _cut(columns[widest], room)
    return columns


def _without_least(columns: list[Column], least: Sequence[str], width: int, whole: Collection[str]) -> list[Column]:
    for header in least:
        over = _over(columns, width)
        if over <= 0:
            break
        place = _place(columns, header)
        if place is None:
            continue
        room = _width(columns[place]) - over
        if room >= max(_SHORTEST, len(header)) and header not in whole:
            columns[place] = _cut(columns[place], room)
            break
        del columns[place]
        if columns[-1][0] != MISSING:
            columns.append([MISSING, *[""] * (len(columns[0]) - 1)])
    return columns


def _moved(columns: list[Column], least: Sequence[str], width: int) -> tuple[list[Column], list[list[str]]]:
    """Moves columns without room into lines below each row; where there are several, each line names its header."""
    gone: list[Column] = []
    for header in least:
        place = _place(columns, header)
        if place is not None and _over(columns, width) > 0:
            gone.insert(0, columns.pop(place))
    below: list[list[str]] = [[]]
    for cells in zip(*(column[1:] for column in gone), strict=True):
        named = [f"{column[0].lower()}: {cell}" for column, cell in zip(gone, cells, strict=True) if cell]
        text = "; ".join(named) if len(gone) > 1 else cells[0]
        below.append(wrapped(f"{_INDENT}{text}", width, _INDENT).splitlines() if text else [])
    return columns, below if gone else [[] for _ in columns[0]]


def _place(columns: Sequence[Column], header: str) -> int | None:
    return next((place for place, column in enumerate(columns) if column[0] == header), None)


def _width(column: Column) -> int:
    return max(map(len, column))


def _over(columns: Sequence[Column], width: int) -> int:
    return sum(map(_width, columns)) + _BETWEEN * (len(columns) - 1) - width


def _cut(column: Column, room: int) -> Column:
    return [cell if len(cell) <= room else cell[: room - len(MISSING)].rstrip() + MISSING for cell in column]
