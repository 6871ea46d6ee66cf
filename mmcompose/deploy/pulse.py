"""Does Docker answer at all? A question that takes long may be a hard one; a daemon that hangs answers no easy one."""

from __future__ import annotations

import time
from collections.abc import Callable

_TRUSTED = 5.0
"""Seconds for which the last answer counts."""


class Pulse:
    """`ask` puts the easiest question with this much patience, and tells whether anything came back."""

    def __init__(self, ask: Callable[[float], bool], now: Callable[[], float] = time.monotonic) -> None:
        self._ask, self._now = ask, now
        self._doubted = False
        self._dead_at: float | None = None

    def beats(self, patience: float) -> bool:
        if self._dead_at is not None and self._now() - self._dead_at < _TRUSTED:
            return False
        alive = self._ask(patience)
        self._dead_at = None if alive else self._now()
        return alive

    def doubt(self) -> None:
        """Somebody was tired of waiting for an answer; the next question is not put before Docker is seen to live."""
        self._doubted = True

    def gone(self, patience: float) -> bool:
        """Whether there is reason for doubt, and it is right."""
        if not self._doubted and self._dead_at is None:
            return False
        self._doubted = not self.beats(patience)
        return self._doubted
