"""Finds out whether Docker answers at all: a daemon that hangs answers not even an easy question."""

from __future__ import annotations

import time
from collections.abc import Callable

_TRUSTED = 5.0
"""Seconds for which the last answer is trusted."""


class Pulse:
    """Remembers whether Docker answers. `ask` puts the easiest question with a limit in seconds, and returns whether
    any answer came."""

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
        """Demands a sign from Docker before the next question, after a person interrupted one."""
        self._doubted = True

    def gone(self, patience: float) -> bool:
        """Whether Docker was in doubt and does not answer."""
        if not self._doubted and self._dead_at is None:
            return False
        self._doubted = not self.beats(patience)
        return self._doubted
