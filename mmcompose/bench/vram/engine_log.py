"""Reads weights and KV cache from the logs of the engines. Texts in, figures in MiB out."""

from __future__ import annotations

import re
from collections.abc import Iterable

from mmcompose.engines.known.engine import EngineFacts, known
from mmcompose.model import Engine

# SGLang writes GB and divides by 2**30.
_SIZES = {"MiB": 1.0, "GiB": 1024.0, "GB": 1024.0, "MB": 1.0, "KiB": 1 / 1024, "B": 1 / (1 << 20)}


def known_as(engine: Engine) -> EngineFacts:
    """The engine by whose flags it runs: a person's own backend on vLLM's flags is vLLM, and prints what vLLM
    prints."""
    return known(engine.history or engine.name)


def figures(engine: EngineFacts, lines: Iterable[str]) -> dict[str, float]:
    """Every figure in the log."""
    found: dict[str, float] = {}
    patterns = [(figure, pattern) for figure, patterns in engine.figures.items() for pattern in patterns]
    for line in lines if patterns else ():
        for figure, pattern in patterns:
            if match := pattern.search(line[:2000]):
                before = found.get(figure, 0.0) if figure.endswith("_mib") else 0.0
                found[figure] = before + _value(match)
    return found


def _value(match: re.Match[str]) -> float:
    number = float(match["value"].replace(",", ""))
    return number * _SIZES[match["unit"]] if "unit" in match.re.groupindex else number
