"""Columns under headers: as wide as they need, and on a terminal no wider than it is.

A row that wraps cannot be read down any more. So where a person looks, the least important columns are shortened and
then left out, with a "…" where something is missing. A pipe or a file gets everything.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence

from mmcompose.cli.output import on_terminal
from mmcompose.cli.plain import one_line

Column = list[str]
"""A header and what stands under it."""

_BETWEEN = 2
_SHORTEST = 8
_MISSING = "…"


def table(rows: Iterable[Sequence[object]], headers: Sequence[str], least: Sequence[str] | None = None) -> str:
    """`least` are the headers of what may be left out, the least important first; without it nothing is ever cut."""
    texts = [[one_line(str(cell)) for cell in row] for row in rows]
    columns = [[header, *(row[index] for row in texts)] for index, header in enumerate(headers)]
    if least is not None and on_terminal():
        columns = fitted(columns, least, shutil.get_terminal_size().columns)
    widths = [_width(column) for column in columns]
    lines = zip(*columns, strict=True)
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def fitted(columns: list[Column], least: Sequence[str], width: int) -> list[Column]:
    """First what may be left out is shortened, or left out; then all but the first column, always the widest."""
    for header in least:
        over = _over(columns, width)
        if over <= 0:
            return columns
        place = next(index for index, column in enumerate(columns) if column[0] == header)
        room = _width(columns[place]) - over
        if room >= max(_SHORTEST, len(header)):
            return [*columns[:place], _cut(columns[place], room), *columns[place + 1 :]]
        columns = [*columns[:place], *columns[place + 1 :]]
        if columns[-1][0] != _MISSING:
            columns = [*columns, [_MISSING, *[""] * (len(columns[0]) - 1)]]
    while _over(columns, width) > 0:
        widest = max(range(1, len(columns)), key=lambda index: _width(columns[index]), default=0)
        room = _width(columns[widest]) - 1
        if not widest or room < max(_SHORTEST, len(columns[widest][0])):
            break
        columns = [*columns[:widest], _cut(columns[widest], room), *columns[widest + 1 :]]
    return columns


def _width(column: Column) -> int:
    return max(map(len, column))


def _over(columns: list[Column], width: int) -> int:
    return sum(map(_width, columns)) + _BETWEEN * (len(columns) - 1) - width


def _cut(column: Column, room: int) -> Column:
    return [cell if len(cell) <= room else cell[: room - len(_MISSING)].rstrip() + _MISSING for cell in column]
