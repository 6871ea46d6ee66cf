"""Limits of time and memory for one template, since its author may want to stop the machine."""

from __future__ import annotations

import signal
import sys
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from types import FrameType, TracebackType

if sys.platform != "win32":
    import resource

from mmcompose.core.render.cost import CostsTooMuchError

SECONDS = 5.0
"""Processor time, so that a busy machine does not matter. A shipped template needs a thousandth of a second."""
_AT_LAST = 3 * SECONDS
"""Processor time after which the system ends the whole program ("Profiling timer expired"). A single step inside
Python, such as comparing two nested lists, reacts neither to our timer nor to Ctrl-C."""
MEMORY = 512 << 20
"""Bytes beyond what the program has when the template begins."""


class Bounds(AbstractContextManager[None]):
    """Limits one text; entered once for each. On a system without such limits only the sandbox bounds a template."""

    def __init__(self) -> None:
        self._begun = self._listens = False
        self._limits: tuple[int, int] | None = None
        self._hard = -1

    def __enter__(self) -> None:
        if not self._begun:
            self._begin()
        if self._listens and sys.platform != "win32":
            self._limit(0)
            signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
            signal.setitimer(signal.ITIMER_PROF, _AT_LAST)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._listens and sys.platform != "win32":
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
            signal.setitimer(signal.ITIMER_PROF, 0)
            self._limit(1)
        if isinstance(error, MemoryError):
            raise CostsTooMuchError(f"takes more than {MEMORY >> 20} MiB of memory").with_traceback(trace) from None

    def _begin(self) -> None:
        self._begun = True
        if sys.platform == "win32":
            return
        with suppress(ValueError):  # only the main thread hears signals
            signal.signal(signal.SIGVTALRM, _stop)
            self._listens = True
        with suppress(OSError, ValueError, IndexError):
            pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
            soft, self._hard = resource.getrlimit(resource.RLIMIT_AS)
            wanted = pages * resource.getpagesize() + MEMORY
            if soft == resource.RLIM_INFINITY or soft > wanted:
                self._limits = wanted, soft

    def _limit(self, which: int) -> None:
        if self._limits and sys.platform != "win32":
            resource.setrlimit(resource.RLIMIT_AS, (self._limits[which], self._hard))


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise CostsTooMuchError(f"takes more than {SECONDS:.0f} seconds")
