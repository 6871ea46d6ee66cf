"""Limits the memory for answers. A request with a longer answer has failed."""

from __future__ import annotations

from typing import Any

MOST_FACTS = 64
DEEPEST = 4
LONGEST_VALUE = 200
LARGEST_NUMBER = 10**15

ARRIVALS = 262_144  # events with text in one answer
TEXT = 4 * 1024 * 1024  # characters of one answer
UNFINISHED = 256 * 1024 * 1024  # bytes of all answers that have not ended
KEPT = 400 * 1024 * 1024  # bytes of memory for the answers of one level
ARRIVAL_COST = 40  # bytes of memory for one arrival, the figures made of it included


class TooLongError(Exception):
    """Reports an answer that is longer than this client keeps."""


def odd(value: Any, depth: int = 0) -> str | None:
    """The fault of a block of figures such as `usage`; None for numbers, short words, and small groups of them."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return None if abs(value) <= LARGEST_NUMBER else "a number beyond all measure"
    if isinstance(value, str):
        return None if len(value) <= LONGEST_VALUE else f"a word of {len(value)} characters"
    if depth == DEEPEST:
        return f"figures nested deeper than {DEEPEST} levels"
    if len(value) > MOST_FACTS:
        return f"{len(value)} figures in one place"
    inner = [*value, *value.values()] if isinstance(value, dict) else value
    return next((wrong for each in inner if (wrong := odd(each, depth + 1))), None)


class Room:
    """The bytes that the unfinished answers of one process hold together."""

    __slots__ = ("held",)

    def __init__(self) -> None:
        self.held = 0

    def change(self, by: int) -> None:
        self.held += by
        if by > 0 and self.held > UNFINISHED:
            raise TooLongError(f"the answers in flight hold more than {UNFINISHED >> 20} MiB")
