"""A comparison as Markdown, for a terminal and for a pull request alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from mmcompose.bench.compare import Comparison, Row
from mmcompose.bench.metrics import shown


def headline(found: Comparison) -> str:
    if found.refused:
        return "not the same load"
    counts = {
        word: sum(row.verdict == word for row in found.rows) for word in ("worse", "better", "same", "inconclusive")
    }
    return ", ".join(f"{count} {word}" for word, count in counts.items() if count) or "nothing to compare"


def markdown(found: Comparison) -> str:
    return _told(found, _plain)


def text(found: Comparison) -> str:
    """The same for a terminal, where nothing needs to be escaped."""
    return _told(found, str)


def _told(found: Comparison, plain: Callable[[str], str]) -> str:
    parts = [f"## {found.after} against {found.before}", "", f"**{headline(found)}**", ""]
    if found.refused:
        parts += ["These are not the same load:", "", *_bullets(found.refused, plain), ""]
    if found.differences:
        parts += ["What differs:", ""]
        parts += [f"- {d.what}: {plain(d.before)} → {plain(d.after)}" for d in found.differences]
        parts += [""]
    if found.told:
        parts += ["To know:", "", *_bullets(found.told, plain), ""]
    if found.rows:
        parts += [_table(found.rows), "", _footnote(found), ""]
    if found.unmatched:
        parts += ["Not compared:", "", *_bullets(sorted(found.unmatched), plain), ""]
    return "\n".join(parts).rstrip() + "\n"


def _bullets(lines: Sequence[str], plain: Callable[[str], str]) -> list[str]:
    return [f"- {plain(line)}" for line in lines]


def _table(rows: Sequence[Row]) -> str:
    from tabulate import tabulate

    heads = ["point", "metric", "before", "after", "change", "interval", "verdict"]
    return tabulate([_cells(row) for row in rows], heads, tablefmt="github", disable_numparse=True)


def _cells(row: Row) -> list[Any]:
    points = row.metric.name in ("errors", "exact")
    verdict = f"**{row.verdict}**" if row.verdict in ("worse", "better") else row.verdict
    return [
        row.point,
        row.metric.title,
        shown(row.before, row.metric.unit),
        shown(row.after, row.metric.unit),
        _percent(row.change, points),
        "-" if row.low is None or row.high is None else f"{_percent(row.low, points)} … {_percent(row.high, points)}",
        f"{verdict} ({row.why})" if row.why else verdict,
    ]


def _percent(value: float, points: bool) -> str:
    return f"{100 * value:+.1f} {'points' if points else '%'}"


def _footnote(found: Comparison) -> str:
    where = "between repeats" if found.between_runs else "over the requests of one run; drift between runs is not in it"
    return f"Intervals: {100 * found.confidence:.2f} % each, so that 95 % hold over the whole table; {where}."


def _plain(text: str) -> str:
    """Text of a result, which Markdown must not take for its own signs."""
    return "".join(f"\\{sign}" if sign in "\\`*_[]<>|" else sign for sign in text)
