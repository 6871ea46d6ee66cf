"""Reports GPU memory: a Markdown page for people, and the same with everything in full for programs. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

UNKNOWN = "unknown"
_SHOWN_OF_AN_ERROR = 100


@dataclass(frozen=True, slots=True)
class Measured:
    """One model or profile. MB are those of nvidia-smi, which are MiB; None is a value that could not be read."""

    name: str
    category: str | None = None
    estimated_mb: float | None = None
    actual_mb: float | None = None
    load_s: float | None = None
    error: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        return not self.error

    @property
    def refused(self) -> bool:
        """Whether nothing was tried, because another profile would have had to make room."""
        return bool(self.more.get("refused"))


@dataclass(frozen=True, slots=True)
class Report:
    """All results. `skipped` are entries that are switched off; `notes` are warnings about the figures."""

    timestamp: str
    total_mb: float | None = None
    baseline_mb: float | None = None
    results: Sequence[Measured] = ()
    skipped: Sequence[str] = ()
    notes: Sequence[str] = ()

    @property
    def available_mb(self) -> float | None:
        return None if self.total_mb is None or self.baseline_mb is None else self.total_mb - self.baseline_mb

    @property
    def loaded(self) -> list[Measured]:
        return [one for one in self.results if one.ok]

    @property
    def known_mb(self) -> list[float]:
        """The measured figures of the loaded models, where they could be read."""
        return [one.actual_mb for one in self.loaded if one.actual_mb is not None]


def markdown(report: Report) -> str:
    return "\n".join([*_title(report), "", *_table(report), "", *_summary(report), ""])


def page(report: Report, advice: Sequence[str]) -> str:
    """The report, and its advice below."""
    text = markdown(report)
    skipped = [f"{name} was left out: `enabled: false`" for name in report.skipped]
    for title, lines in (("Notes", [*report.notes, *skipped]), ("Advice", advice)):
        if lines:
            text += "\n".join(["", f"## {title}", "", *(f"- {line}" for line in lines), ""])
    return text


def _title(report: Report) -> list[str]:
    return [
        "# VRAM Benchmark Report",
        "",
        f"**Timestamp:** {report.timestamp}",
        f"**GPU Total Memory:** {mb(report.total_mb)}",
        f"**Baseline VRAM Usage:** {mb(report.baseline_mb)}",
        f"**Available for Models:** {mb(report.available_mb)}",
    ]


def _table(report: Report) -> list[str]:
    rows = [_row(one) for one in report.results]
    return [
        "## Model Results",
        "",
        "| Model | Category | Est. VRAM | Actual VRAM | Load Time | Status |",
        "|-------|----------|-----------|-------------|-----------|--------|",
        *(f"| {' | '.join(row)} |" for row in rows),
    ]


def _row(one: Measured) -> list[str]:
    status = f"FAIL: {cell(shortened(one.error))}" if one.error else "OK"
    category = cell(one.category or UNKNOWN)
    return [cell(one.name), category, mb(one.estimated_mb), mb(one.actual_mb), seconds(one.load_s), status]


def _summary(report: Report) -> list[str]:
    known, loaded = report.known_mb, report.loaded
    times = [one.load_s for one in loaded if one.load_s is not None]
    few = f" ({len(known)} of {len(loaded)} could be measured)" if known and len(known) < len(loaded) else ""
    least = "at least " if few else ""
    return [
        "## Summary",
        "",
        f"- **Successful loads:** {len(loaded)}/{len(report.results)}",
        f"- **Total VRAM (all models):** {least}{mb(sum(known) if known else None)}{few}",
        f"- **Peak VRAM (single model):** {least}{mb(max(known, default=None))}{few}",
        f"- **Average load time:** {seconds(sum(times) / len(times) if times else None)}",
    ]


def mb(value: float | None) -> str:
    return UNKNOWN if value is None else f"{round(value):,} MB"


def seconds(value: float | None) -> str:
    """Seconds in whole numbers; halves are rounded up."""
    if value is None:
        return UNKNOWN
    return f"{Decimal(str(round(value, 6))).quantize(Decimal('0.01'), ROUND_HALF_UP)}s"


def shortened(error: str) -> str:
    """One line of at most a hundred characters; the JSON holds the whole text."""
    return " ".join(error.split())[:_SHOWN_OF_AN_ERROR]


def cell(text: str) -> str:
    """A text that cannot leave its table cell."""
    plain = "".join(character if character.isprintable() else " " for character in text)
    return plain.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;")


def data(report: Report) -> dict[str, Any]:
    """The report with everything in full."""
    return {
        "timestamp": report.timestamp,
        "total_mb": report.total_mb,
        "baseline_mb": report.baseline_mb,
        "available_mb": report.available_mb,
        "models": [_model(one) for one in report.results],
        "skipped": list(report.skipped),
        "notes": list(report.notes),
    }


def _model(one: Measured) -> dict[str, Any]:
    known = one.actual_mb is not None and one.estimated_mb is not None
    return {
        "name": one.name,
        "category": one.category,
        "status": "OK" if one.ok else "FAIL",
        "error": one.error or None,
        "estimated_mb": one.estimated_mb,
        "actual_mb": one.actual_mb,
        "above_estimate_mb": one.actual_mb - one.estimated_mb if known else None,  # type: ignore[operator]
        "load_s": one.load_s,
        **one.more,
    }


_OWN = ("name", "category", "status", "error", "estimated_mb", "actual_mb", "above_estimate_mb", "load_s")


def read(block: Mapping[str, Any]) -> Report:
    """A report from the output of `data`; keys of newer versions are kept."""
    models = [one for one in block.get("models") or () if isinstance(one, Mapping)]
    return Report(
        timestamp=str(block.get("timestamp") or UNKNOWN),
        total_mb=_number(block.get("total_mb")),
        baseline_mb=_number(block.get("baseline_mb")),
        results=[
            Measured(
                str(one.get("name") or UNKNOWN),
                one.get("category") if isinstance(one.get("category"), str) else None,
                _number(one.get("estimated_mb")),
                _number(one.get("actual_mb")),
                _number(one.get("load_s")),
                str(one.get("error") or ""),
                {key: value for key, value in one.items() if key not in _OWN},
            )
            for one in models
        ],
        skipped=[str(name) for name in block.get("skipped") or ()],
        notes=[str(note) for note in block.get("notes") or ()],
    )


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None
