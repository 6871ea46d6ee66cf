"""An end for what would go on for ever: something is done when the time is over, and whoever waited is told."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def after(seconds: float | None, do: Callable[[], None]) -> Iterator[threading.Event]:
    """The event is set, and then `do` called, where the block takes longer; None is all the time in the world."""
    late = threading.Event()
    if seconds is None:
        yield late
        return

    def end() -> None:
        late.set()
        do()

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        yield late
    finally:
        timer.cancel()
