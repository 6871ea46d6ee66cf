"""Writes a comparison as Markdown for a pull request, or as plain tables for a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from itertools import zip_longest

from mmcompose.bench.report.markdown import plain
from mmcompose.bench.results.alike import Difference
from mmcompose.bench.results.compare import ComparedMetric, Comparison
from mmcompose.bench.results.facts import shortened
from mmcompose.bench.results.metrics import shown
from mmcompose.core.columns import MISSING, Fit, page
from mmcompose.core.wrapping import wrapped


def headline(found: Comparison) -> str:
    if found.refused:
        return "not the same load"
    counts = {
        verdict: sum(row.verdict == verdict for row in found.rows)
        for verdict in ("worse", "better", "same", "inconclusive")
    }
    return ", ".join(f"{count} {verdict}" for verdict, count in counts.items() if count) or "nothing to compare"


def _lists(found: Comparison) -> tuple[tuple[str, Sequence[str]], ...]:
    """The remarks above the table and the one below it, each list with its title."""
    return (
        ("These are not the same load:", found.refused),
        ("To know:", found.caveats),
        ("Not compared:", sorted(found.unmatched)),
    )


def text(found: Comparison, width: int | None = None) -> str:
    """The comparison as plain text; `width` is that of a terminal, and without it every column is shown."""
    refused, caveats, unmatched = (
        [title, *_indented(lines, width), ""] if lines else [] for title, lines in _lists(found)
    )
    parts = [wrapped(f"{found.after} against {found.before}: {headline(found)}", width), "", *refused]
    if found.differences:
        parts += [*_differences(found.differences, width), ""]
    parts += caveats
    if found.rows:
        parts += [*_plain_table(found.rows, width), "", wrapped(footnote(found), width), ""]
    return "\n".join([*parts, *unmatched]).rstrip() + "\n"


def _indented(lines: Sequence[str], width: int | None) -> list[str]:
    return [wrapped(f"  {line}", width, "    ") for line in lines]


_LONG, _SHORT = 44, 12


def _differences(found: Sequence[Difference], width: int | None) -> list[str]:
    """The differences of the settings. Long values, such as the arguments of an engine, continue on lines below."""
    heads = ("WHAT DIFFERS", "BEFORE", "AFTER")
    first = max(len(heads[0]), *(len(one.what) for one in found))
    room = _LONG if width is None else min(_LONG, max(_SHORT, (width - first) // 2 - 2))
    lines: list[Sequence[str]] = [heads]
    for one in found:
        values = (textwrap.wrap(shortened(value), room) or [""] for value in (one.before, one.after))
        lines += list(zip_longest([one.what], *values, fillvalue=""))
    return page([list(column) for column in zip(*lines, strict=True)], Fit(), width)


def _plain_table(rows: Sequence[ComparedMetric], width: int | None) -> list[str]:
    body = [cells(row) for row in rows]
    columns = [[head.upper(), *(row[place] for row in body)] for place, head in enumerate(HEADS)]
    lines = page(columns, Fit(("BEFORE", "AFTER", "CHANGE"), whole=("BEFORE", "AFTER", "CHANGE", "INTERVAL")), width)
    if lines[0].endswith(MISSING):
        lines.append(wrapped(f"{MISSING} not all columns have room here: --output-md FILE writes them all", width))
    return lines


def markdown(found: Comparison) -> str:
    refused, caveats, unmatched = ([title, "", *_bullets(lines), ""] if lines else [] for title, lines in _lists(found))
    parts = [f"## {plain(found.after)} against {plain(found.before)}", "", f"**{plain(headline(found))}**", ""]
    parts += refused
    if found.differences:
        parts += ["What differs:", ""]
        parts += [f"- {d.what}: {plain(shortened(d.before))} → {plain(shortened(d.after))}" for d in found.differences]
        parts += [""]
    parts += caveats
    if found.rows:
        parts += [_table(found.rows), "", footnote(found), ""]
    return "\n".join([*parts, *unmatched]).rstrip() + "\n"


def _bullets(lines: Sequence[str]) -> list[str]:
    return [f"- {plain(line)}" for line in lines]


def _table(rows: Sequence[ComparedMetric]) -> str:
    """The table of metrics. In Markdown, important figures are bold."""
    from tabulate import tabulate

    return tabulate([cells(row, "**") for row in rows], HEADS, tablefmt="github", disable_numparse=True)


HEADS = ("point", "metric", "verdict", "interval", "change", "before", "after")
"""The columns: the important ones first, their causes behind them."""


def cells(row: ComparedMetric, strong: str = "") -> list[str]:
    points = bool(row.metric.of)
    verdict = f"{strong}{row.verdict}{strong}" if row.verdict in ("worse", "better") else row.verdict
    return [
        row.point,
        row.metric.title,
        f"{verdict} ({row.why})" if row.why else verdict,
        "-" if row.low is None or row.high is None else f"{_percent(row.low, points)} … {_percent(row.high, points)}",
        _percent(row.change, points),
        shown(row.before, row.metric.unit),
        shown(row.after, row.metric.unit),
    ]


def _percent(value: float, points: bool) -> str:
    return f"{100 * value:+.1f} {'points' if points else '%'}"


def footnote(found: Comparison) -> str:
    where = "between repeats" if found.between_runs else "over the requests of one run; drift between runs is not in it"
    return f"Intervals: {100 * found.confidence:.2f} % each, so that 95 % hold over the whole table; {where}."
