"""Treats every signal that ends a command like Ctrl-C, so that the command can undo its work."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class Interrupted(KeyboardInterrupt):
    """Reports an interruption whose consequences have been handled; `after` describes them."""

    def __init__(self, after: list[str]) -> None:
        super().__init__()
        self.after = after


@contextmanager
def terminable() -> Iterator[None]:
    """Turns a polite kill and a lost terminal into interruptions, so that a command can roll back."""
    before = listen()
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def listen() -> dict[signal.Signals, Any]:
    """Takes the signals from now on; returns how each was handled before."""
    # One that is ignored, as under nohup, stays so.
    signals = [one for one in _named("SIGTERM", "SIGHUP") if signal.getsignal(one) != signal.SIG_IGN]
    return _met(signals, _interrupt)


def deafen() -> None:
    """Ignores signals in the last moments: the outcome is printed, and a late signal must change neither it nor the
    exit code."""
    _met(_named("SIGINT", "SIGTERM", "SIGHUP"), signal.SIG_IGN)


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def _named(*names: str) -> list[signal.Signals]:
    return [getattr(signal, name) for name in names if hasattr(signal, name)]


def _met(which: list[signal.Signals], how: Any) -> dict[signal.Signals, Any]:
    try:
        return {one: signal.signal(one, how) for one in which}
    except ValueError:
        # Only the main thread may; whoever runs a command in another one looks after signals itself.
        return {}
