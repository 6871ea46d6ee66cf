"""Decides how long to wait before, during and after a load."""

from __future__ import annotations

import time
from typing import NamedTuple

from mmcompose.bench.results.memory_curve import free_again
from mmcompose.bench.vram.sampling import Sampler, used


class Patience(NamedTuple):
    """In seconds. `settle` is for a vision model, which gets no requests."""

    baseline: float = 5.0
    load: float = 10.0
    settle: float = 1.0
    unload: float = 60.0

    def before(self, sampler: Sampler, seconds: float) -> None:
        """Waits before a load; not if nothing can be read."""
        if sampler.readable:
            time.sleep(seconds)

    def after(self, sampler: Sampler, baseline: float | None) -> None:
        """Waits until the memory is free again, but not longer than reasonable."""
        end = time.monotonic() + self.unload
        while sampler.readable and time.monotonic() < end:
            last = sampler.looks[-1] if sampler.looks else None
            # A look that began before this wait may show what was there before the stop.
            if last and last.at > end - self.unload and (baseline is None or free_again(used(last.cards), baseline)):
                return
            time.sleep(sampler.period)
