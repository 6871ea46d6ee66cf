"""Small words for people: near names, and lists as they are spoken."""

from __future__ import annotations

from collections.abc import Iterable


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`did you mean 'x'?`, or nothing when nothing is near."""
    from difflib import get_close_matches

    near = get_close_matches(word.replace("-", "_"), sorted(known), n=1, cutoff=0.6)
    near = near or get_close_matches(word, sorted(known), n=1, cutoff=0.6)
    return f"did you mean {near[0]}?" if near else ""


def nearest(word: str, known: Iterable[str], otherwise: str = "known: ") -> str:
    """The near name, or all names when there are few."""
    names = sorted(known)
    return did_you_mean(word, names) or (otherwise + listing(names) if 0 < len(names) <= 12 else "")


def listing(words: Iterable[object]) -> str:
    return ", ".join(str(word) for word in words)
