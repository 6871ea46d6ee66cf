"""Checks whether the client itself is the bottleneck: CPU share, event-loop lag and resident memory, while it works."""

from __future__ import annotations

import asyncio
import gc
import os
import resource
import time
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic_ns
from types import TracebackType
from typing import Self

TICK_S = 0.02
CPU_LIMIT = 0.7
LAG_LIMIT_MS = 5.0


@dataclass(slots=True)
class Reading:
    wall_s: float = 0.0
    cpu_s: float = 0.0
    lags_ms: list[float] = field(default_factory=list)
    max_rss_mib: float = 0.0


class SelfCheck:
    """A context around the load. Garbage collection is off inside: a pause would count against the server."""

    def __init__(self) -> None:
        self.reading = Reading()

    def __enter__(self) -> Self:
        gc.collect()
        gc.freeze()
        gc.disable()
        self._loop = asyncio.get_running_loop()
        self._wall, self._cpu = time.monotonic(), time.process_time()
        self._due = monotonic_ns() + int(TICK_S * 1e9)
        self._timer = self._loop.call_later(TICK_S, self._tick)
        return self

    def _tick(self) -> None:
        now = monotonic_ns()
        self.reading.lags_ms.append(max(0.0, (now - self._due) / 1e6))
        self._due = now + int(TICK_S * 1e9)
        self._timer = self._loop.call_later(TICK_S, self._tick)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        self.reading.wall_s = time.monotonic() - self._wall
        self.reading.cpu_s = time.process_time() - self._cpu
        self.reading.max_rss_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        gc.enable()
        gc.unfreeze()


def cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def cpu_quota() -> float | None:
    """The container's CPU limit (cgroup v2), null where there is none or it cannot be read."""
    try:
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text().split()
        return None if quota == "max" else int(quota) / int(period)
    except (OSError, ValueError):
        return None
