"""Service level objectives: `ttft=500ms,tpot=50ms`, met per request or not. Goodput counts those that met all."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from .sample import Sample

FIGURES = {"ttft": "ttft_ms", "ttfo": "ttfo_ms", "tpot": "tpot_ms", "e2e": "e2e_ms"}
UNITS = {"ms": 1.0, "s": 1000.0, "": 1.0}


class BadSloError(ValueError):
    """Reports an objective that cannot be read."""


def parse_slo(text: str) -> dict[str, float]:
    """{figure: limit in ms}"""
    limits: dict[str, float] = {}
    for part in filter(None, (each.strip() for each in text.split(","))):
        found = re.fullmatch(r"([a-z0-9]+)\s*=\s*(\d+(?:\.\d+)?)\s*(ms|s|)", part)
        if not found or found[1] not in FIGURES:
            raise BadSloError(
                f"--slo {part!r}: write NAME=LIMIT with {', '.join(FIGURES)} and ms or s, as in ttft=500ms,tpot=50ms"
            )
        limits[FIGURES[found[1]]] = float(found[2]) * UNITS[found[3]]
    return limits


def met(sample: Sample, limits: dict[str, float]) -> bool:
    """Whether a request met the objectives. A failed request meets none; a missing figure (one token has no TPOT)
    breaks none."""
    if not sample.ok:
        return False
    return all((value := getattr(sample, figure)) is None or value <= limit for figure, limit in limits.items())


def goodput(samples: Sequence[Sample], limits: dict[str, float], seconds: float) -> dict[str, Any] | None:
    if not limits:
        return None
    good = sum(met(each, limits) for each in samples)
    return {
        "slo_ms": limits,
        "met": good,
        "of": len(samples),
        "share": round(good / len(samples), 4) if samples else None,
        "req_s": round(good / seconds, 4) if seconds else None,
    }
