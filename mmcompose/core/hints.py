"""Small words for people: a near name or all names, and lists as they are spoken."""

from __future__ import annotations

from collections.abc import Iterable

from mmcompose.engines.nearest import did_you_mean

FEW = 12


def nearest(word: str, known: Iterable[str], otherwise: str = "known: ", *, as_given: bool = False) -> str:
    """The near name, or all names when there are few: sorted, or `as_given` where their order says something."""
    names = list(known) if as_given else sorted(known)
    return did_you_mean(word, names) or (otherwise + listing(names) if 0 < len(names) <= FEW else "")


def listing(words: Iterable[object]) -> str:
    return ", ".join(str(word) for word in words)
