"""A comparison in words: as Markdown for a pull request, and in plain tables for a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from mmcompose.bench.alike import Difference
from mmcompose.bench.compare import Comparison, Row
from mmcompose.bench.facts import shortened
from mmcompose.bench.markdown import plain
from mmcompose.bench.metrics import shown


def headline(found: Comparison) -> str:
    if found.refused:
        return "not the same load"
    counts = {
        word: sum(row.verdict == word for row in found.rows) for word in ("worse", "better", "same", "inconclusive")
    }
    return ", ".join(f"{count} {word}" for word, count in counts.items() if count) or "nothing to compare"


def text(found: Comparison) -> str:
    """For a terminal, where nothing needs to be escaped."""
    parts = [f"{found.after} against {found.before}: {headline(found)}", ""]
    if found.refused:
        parts += ["These are not the same load:", *_indented(found.refused), ""]
    if found.differences:
        parts += [_differences(found.differences), ""]
    if found.told:
        parts += ["To know:", *_indented(found.told), ""]
    if found.rows:
        parts += [_table(found.rows, "simple", ""), "", footnote(found), ""]
    if found.unmatched:
        parts += ["Not compared:", *_indented(sorted(found.unmatched)), ""]
    return "\n".join(parts).rstrip() + "\n"


def _indented(lines: Sequence[str]) -> list[str]:
    return [f"  {line}" for line in lines]


def _differences(found: Sequence[Difference]) -> str:
    """Long values, such as the arguments of an engine, go on below."""
    from tabulate import tabulate

    rows = [[one.what, shortened(one.before), shortened(one.after)] for one in found]
    heads = ["what differs", "before", "after"]
    return tabulate(rows, heads, tablefmt="simple", disable_numparse=True, maxcolwidths=[None, 44, 44])


def markdown(found: Comparison) -> str:
    parts = [f"## {plain(found.after)} against {plain(found.before)}", "", f"**{plain(headline(found))}**", ""]
    if found.refused:
        parts += ["These are not the same load:", "", *_bullets(found.refused), ""]
    if found.differences:
        parts += ["What differs:", ""]
        parts += [f"- {d.what}: {plain(shortened(d.before))} → {plain(shortened(d.after))}" for d in found.differences]
        parts += [""]
    if found.told:
        parts += ["To know:", "", *_bullets(found.told), ""]
    if found.rows:
        parts += [_table(found.rows, "github", "**"), "", footnote(found), ""]
    if found.unmatched:
        parts += ["Not compared:", "", *_bullets(sorted(found.unmatched)), ""]
    return "\n".join(parts).rstrip() + "\n"


def _bullets(lines: Sequence[str]) -> list[str]:
    return [f"- {plain(line)}" for line in lines]


def _table(rows: Sequence[Row], style: str, strong: str) -> str:
    """`style` is tabulate's; `strong` stands on both sides of what should catch the eye."""
    from tabulate import tabulate

    return tabulate([cells(row, strong) for row in rows], HEADS, tablefmt=style, disable_numparse=True)


HEADS = ("point", "metric", "verdict", "interval", "change", "before", "after")
"""What a reader wants to know first stands first; what it follows from comes behind."""


def cells(row: Row, strong: str = "") -> list[str]:
    points = row.metric.name in ("errors", "exact")
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
