"""What ends a command from outside: all of it is met as Ctrl-C is, so that what was begun is brought to an order."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def terminable() -> Iterator[None]:
    """A polite kill and a lost terminal are interruptions like Ctrl-C: what was begun is rolled back."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    polite = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    try:
        # One that is ignored, as under nohup, stays so.
        before = {one: signal.signal(one, interrupt) for one in polite if signal.getsignal(one) != signal.SIG_IGN}
    except ValueError:
        # Only the main thread may; whoever runs a command in another one looks after signals itself.
        yield
        return
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
