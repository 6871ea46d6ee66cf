"""Writes one page for one run or several: a file that needs no network, readable on a phone and in the dark."""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from mmcompose.bench.report import answers, compare_text, picture, worst
from mmcompose.bench.results import compare, facts, figures, knee
from mmcompose.bench.results.metrics import table
from mmcompose.bench.results.record import Record, at

_FOLDER = Path(__file__).resolve().parent / "page"


def page(records: Sequence[Record]) -> str:
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    texts = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)

    def embedded(data: Any) -> Markup:
        """JSON that cannot end the element around it."""
        text = json.dumps(data, ensure_ascii=False, allow_nan=False)
        return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))

    def shipped(name: str) -> Markup:
        return Markup((_FOLDER / name).read_text("utf-8"))

    several, named = len(records) > 1, list(zip(records, picture.names(records), strict=True))
    return texts.from_string(_template()).render(
        title=_title(records),
        overview=[each for draw in (picture.curve, picture.likeness) if several and (each := draw(records))],
        differences=[_difference(records[0], record) for record in records[1:]],
        heads=compare_text.HEADS,
        answers=answers.rows(records),
        names=picture.names(records),
        runs=[_run(record, name, f"run{index}") for index, (record, name) in enumerate(named)],
        policy=_policy(),
        style=shipped("report.css"),
        library=shipped("chart.js"),
        program=shipped("report.js"),
        json=embedded,
    )


def _policy() -> str:
    """The programs and styles that a browser may run and load: the page's own two programs and its style, by their
    hashes, and pictures in it.

    All foreign text in the page is escaped; this is the second wall.
    """
    own = {}
    for name in ("report.css", "chart.js", "report.js"):
        digest = hashlib.sha256((_FOLDER / name).read_text("utf-8").encode()).digest()
        own[name] = f"'sha256-{b64encode(digest).decode()}'"
    return (
        f"default-src 'none'; script-src {own['chart.js']} {own['report.js']}; style-src {own['report.css']}; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def _template() -> str:
    text = (_FOLDER / "report.html.j2").read_text("utf-8")
    body, mark, macro = text.partition("{%- macro")
    return mark + macro + body


def _title(records: Sequence[Record]) -> str:
    kinds = ", ".join(dict.fromkeys(record.kind for record in records))
    names = ", ".join(dict.fromkeys(record.name for record in records))
    return f"{kinds}: {names}" if len(records) == 1 else f"{len(records)} runs of {kinds}: {names}"


def _difference(before: Record, after: Record) -> SimpleNamespace:
    """One run against the first of the page; runs with different loads are not compared."""
    found = compare.compare([before], [after])
    return SimpleNamespace(
        title=f"{found.after} against {found.before}",
        headline=compare_text.headline(found),
        refused=found.refused,
        notes=[
            *found.refused,
            *(f"{one.what}: {one.before} → {one.after}" for one in found.differences),
            *found.caveats,
        ],
        rows=[SimpleNamespace(cells=compare_text.cells(row), verdict=row.verdict) for row in found.rows],
        footnote=compare_text.footnote(found) if found.rows else "",
    )


def _run(record: Record, name: str, id_: str) -> SimpleNamespace:
    heads, rows = table(record.points)
    reach = knee.of(record.points)
    levels = [at(point, "load", "concurrency") for point in record.points]
    several = len(record.points) > 1
    return SimpleNamespace(
        id=id_,
        title=f"{record.kind} of {record.name}" + (f", {name}" if name != record.name else ""),
        warnings=list(facts.warnings(record)),
        facts=list(facts.environment(record)),
        where=facts.where(record),
        late=reach.caveat if several else "",
        worst=worst.answers(record),
        score_heads=figures.HEADS,
        scores=figures.table(record.points),
        heads=heads,
        rows=[
            SimpleNamespace(cells=cells, knee=several and reach.knee is not None and level == reach.knee)
            for cells, level in zip(rows, levels, strict=True)
        ],
        checks=[check for check in record.result.get("checks") or () if isinstance(check, dict)],
        charts=picture.charts(record),
        errors=facts.errors(record),
        definitions=_definitions(record),
        command=facts.command(record),
    )


def _definitions(record: Record) -> list[facts.Fact]:
    found: dict[str, str] = {}
    for point in record.points:
        for name in ("ttft_ms", "itl_ms", "tpot_ms", "e2e_ms"):
            text = at(point, name, "definition")
            if isinstance(text, str):
                found.setdefault(name.removesuffix("_ms").upper(), text)
    return [facts.Fact(name, text) for name, text in found.items()]
