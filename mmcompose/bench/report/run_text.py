"""Writes a run as plain text, for `show` and report.md."""

from __future__ import annotations

from mmcompose.bench.report.markdown import fenced, plain
from mmcompose.bench.results import facts, figures, knee
from mmcompose.bench.results.metrics import shown, table
from mmcompose.bench.results.record import Record
from mmcompose.core.columns import MISSING, Fit, page
from mmcompose.core.wrapping import wrapped

_LEAST = ("in flight", "ITL p50", "TPOT p99", "E2E p99", "TTFT p99", "TPOT p50", "E2E p50", "req/s", "goodput")
"""Columns that a narrow terminal leaves out, the least important first."""


def text(record: Record, *, width: int | None = None) -> str:
    """The text of a run. `width` is that of a terminal; without it every column is shown."""
    parts = _reach(record)
    parts += [f"{name}: {kind} x {count}: {example}" for name, kind, count, example in facts.errors(record)]
    parts += [f"warning: {warning}" for warning in facts.warnings(record)]
    return "\n".join([*_scores(record, width), *_plain_table(record, width), *(wrapped(part, width) for part in parts)])


def markdown(record: Record) -> str:
    """The run in Markdown: environment and warnings first, as on the page; a run of `vram` has a report of its own."""
    parts = [f"# {plain(record.kind)} of {plain(record.name)}", ""]
    warnings = list(facts.warnings(record))
    if warnings:
        parts += ["Before you believe it:", "", *(f"- {plain(warning)}" for warning in warnings), ""]
    parts += [*(f"- {plain(fact.title)}: {plain(fact.text)}" for fact in facts.environment(record)), ""]
    parts += [*_score_table(record), *_table(record), ""]
    parts += [f"{line}\n" for line in _reach(record)]
    failures = facts.errors(record)
    if failures:
        parts += [
            "Failures:",
            "",
            *(plain(f"- {point}: {kind} x {count}: {example}") for point, kind, count, example in failures),
            "",
        ]
    command = facts.command(record)
    if command:
        parts += ["To repeat it:", "", *fenced(command), ""]
    return "\n".join(parts).rstrip() + "\n"


_NOTHING = "nothing was measured"


def _scores(record: Record, width: int | None) -> list[str]:
    """The figures of an eval, above those of its speed."""
    rows = figures.table(record.points)
    if not rows:
        return []
    columns = [[head.upper(), *(row[place] for row in rows)] for place, head in enumerate(figures.HEADS)]
    return [*page(columns, Fit(("SCORED BY", "OF")), width, right=("SCORE",)), ""]


def _plain_table(record: Record, width: int | None) -> list[str]:
    if not record.points:
        return [_NOTHING]
    heads, rows = table(record.points)
    columns = [[head.upper(), *(row[place] for row in rows)] for place, head in enumerate(heads)]
    names = [column[0] for column in columns]
    lines = page(columns, Fit([head.upper() for head in _LEAST], whole=names), width, right=names[1:])
    if lines[0].endswith(MISSING):
        whole = f"mmcompose bench show {record.folder.name} --format md"
        lines.append(wrapped(f"{MISSING} not all columns have room here: {whole} shows them", width))
    return lines


def _score_table(record: Record) -> list[str]:
    """In Markdown."""
    rows = figures.table(record.points)
    if not rows:
        return []
    from tabulate import tabulate

    cells = [[plain(cell) for cell in row] for row in rows]
    return [tabulate(cells, figures.HEADS, tablefmt="github", disable_numparse=True), ""]


def _table(record: Record) -> list[str]:
    """In Markdown."""
    if not record.points:
        return [_NOTHING]
    from tabulate import tabulate

    heads, rows = table(record.points)
    cells = [[plain(cell) for cell in row] for row in rows]
    align = ("left", *["right"] * (len(heads) - 1))
    return [tabulate(cells, heads, tablefmt="github", disable_numparse=True, colalign=align)]


def _reach(record: Record) -> list[str]:
    """The knee, if there is more than one level."""
    reach = knee.of(record.points)
    if len(record.points) < 2 or reach.knee is None:
        return []
    broken = f", broken at {reach.broken_at}" if reach.broken_at else ""
    late = f" ({reach.caveat})" if reach.caveat else ""
    return [f"knee: {reach.knee} ({shown(reach.throughput, reach.unit)}), stable to {reach.stable_to}{broken}{late}"]
