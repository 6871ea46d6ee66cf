"""Finds the name that somebody probably meant, and never one with the opposite meaning."""

from __future__ import annotations

from collections.abc import Iterable

from mmcompose.engines.flags.opposites import opposed

LONGEST = 200  # a longer name is nobody's typing mistake, and comparing takes the square of its length
HELPED = 50  # so many unknown names of one mapping are compared; a file with more of them is of another kind
ALIKE = 0.6
SPARE = 4  # so many near names may say the opposite
_ALMOST = 0.08  # a second name is named only when it is nearly as close as the first


def did_you_mean(text: str, known: Iterable[str], *, most: int = 1) -> str:
    """Writes `did you mean x?`; empty if no name is near.

    `most=2` is for lists too long to read through: `did you mean x or y?` if both are almost equally near.
    """
    near = closest(text, known, most=most)
    return f"did you mean {' or '.join(near)}?" if near else ""


def closest(text: str, known: Iterable[str], *, most: int = 1) -> list[str]:
    """The names nearest to a text, the nearest first, without those that mean the opposite."""
    from difflib import SequenceMatcher, get_close_matches

    if len(text) > LONGEST:
        return []
    wanted, names = _plain(text), {_plain(name): name for name in sorted(known, reverse=True)}
    close = get_close_matches(wanted, names, n=most + SPARE, cutoff=ALIKE)
    close = [other for other in close if not opposed(wanted, other)][:most]
    scores = [SequenceMatcher(None, other, wanted).ratio() for other in close]
    return [names[other] for other, score in zip(close, scores, strict=True) if scores[0] - score < _ALMOST]


def _plain(name: str) -> str:
    """A name in small letters with underscores: case and dashes are the commonest mistakes."""
    return name.lower().replace("-", "_")
