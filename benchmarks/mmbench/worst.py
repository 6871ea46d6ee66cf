"""Keeps the answers that were least like the truth: figures show that there are errors, these show which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .score import Expected, Score

MOST = 6
LONGEST = 4000
"""Characters of each text; a longer page is cut."""

Scored = tuple[str, Score, str]
"""The image, its score, the answer."""


def worst(scored: Sequence[Scored], truth: Mapping[str, Expected]) -> list[dict[str, Any]]:
    """The worst answer to each image, the worst image first. Answers without errors are left out."""
    lowest: dict[str, Scored] = {}
    for one in scored:
        known = lowest.get(one[0])
        if _wrong(one[1]) and (known is None or _rank(one) < _rank(known)):
            lowest[one[0]] = one
    chosen = sorted(lowest.values(), key=_rank)[:MOST]
    return [
        {
            "image": image,
            "similarity": score.similarity,
            "fields_missing": list(score.missing),
            "answer": answer[:LONGEST],
            "expected": (truth[image].text or "")[:LONGEST] or None,
        }
        for image, score, answer in chosen
    ]


def _wrong(score: Score) -> bool:
    return bool(score.missing) or (score.similarity is not None and score.similarity < 1)


def _rank(one: Scored) -> tuple[float, int, str]:
    image, score, _ = one
    return 1.0 if score.similarity is None else score.similarity, -len(score.missing), image
