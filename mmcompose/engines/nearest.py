"""The name that somebody probably meant."""

from __future__ import annotations

from difflib import SequenceMatcher, get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

FEW = 2
ALMOST = 0.08  # a second name is named only when it is nearly as close as the first


def nearest(name: str, known: Iterable[str]) -> str:
    """The closest known name, or `a or b` where two are equally close; empty when nothing is near."""
    if len(name) > 200:  # nobody's typing mistake, and quadratic to compare
        return ""
    close = get_close_matches(name.lower(), known, n=FEW, cutoff=0.6)
    if not close:
        return ""
    scores = [SequenceMatcher(None, name.lower(), other).ratio() for other in close]
    return " or ".join(other for other, score in zip(close, scores, strict=True) if scores[0] - score < ALMOST)
