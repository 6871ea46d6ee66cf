"""Counts and times in the Prometheus text format, without a client library."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import TYPE_CHECKING

from starlette.requests import ClientDisconnect

from .refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import TracebackType
    from typing import Self

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
BUCKETS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0)
OUTCOMES = ("ok", "refused", "failed", "gone")


def escaped(label: str) -> str:
    return label.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


class Histogram:
    """Seconds in fixed buckets; the caller holds the lock."""

    def __init__(self) -> None:
        self.counts = [0] * len(BUCKETS)
        self.total = 0
        self.sum = 0.0

    def observe(self, seconds: float) -> None:
        self.total += 1
        self.sum += seconds
        for place, bound in enumerate(BUCKETS):
            if seconds <= bound:
                self.counts[place] += 1

    def lines(self, name: str) -> Iterable[str]:
        yield from (f'{name}_bucket{{le="{b:g}"}} {n}' for b, n in zip(BUCKETS, self.counts, strict=True))
        yield f'{name}_bucket{{le="+Inf"}} {self.total}'
        yield f"{name}_sum {self.sum:.6f}"
        yield f"{name}_count {self.total}"


class Metrics:
    """All numbers of one service; `sums` are counters that the service names itself: name to help text."""

    def __init__(self, prefix: str, endpoints: Iterable[str], sums: dict[str, str], info: dict[str, str]) -> None:
        self._prefix = prefix
        self._help = sums
        self._info = info
        self._lock = threading.Lock()
        self._requests = {(endpoint, outcome): 0 for endpoint in endpoints for outcome in OUTCOMES}
        self._sums = dict.fromkeys(sums, 0)
        self._request_seconds = Histogram()
        self._engine_seconds = Histogram()

    def add(self, name: str, amount: int = 1) -> None:
        with self._lock:
            self._sums[name] += amount

    def engine_took(self, seconds: float) -> None:
        with self._lock:
            self._engine_seconds.observe(seconds)

    def visited(self, endpoint: str, outcome: str, seconds: float) -> None:
        with self._lock:
            self._requests[endpoint, outcome] += 1
            if outcome == "ok":
                self._request_seconds.observe(seconds)

    def text(self, *, ready: bool, running: int, waiting: int) -> str:
        with self._lock:
            return "".join(f"{line}\n" for line in self._lines(ready, running, waiting))

    def _lines(self, ready: bool, running: int, waiting: int) -> Iterable[str]:
        p = self._prefix
        labels = ",".join(f'{key}="{escaped(value)}"' for key, value in self._info.items())
        yield from _family(f"{p}_info", "gauge", "What is served.", f"{{{labels}}} 1")
        yield from _family(f"{p}_ready", "gauge", "1 when the model is loaded.", f" {int(ready)}")
        yield from _family(f"{p}_requests_running", "gauge", "Requests that an engine works on.", f" {running}")
        yield from _family(f"{p}_requests_waiting", "gauge", "Requests admitted and not yet run.", f" {waiting}")
        rows = (f'{{endpoint="{e}",outcome="{o}"}} {n}' for (e, o), n in self._requests.items())
        yield from _family(f"{p}_requests_total", "counter", "Requests by outcome.", *rows)
        for name, text in self._help.items():
            yield from _family(f"{p}_{name}_total", "counter", text, f" {self._sums[name]}")
        for name, text, histogram in (
            ("request_seconds", "Whole successful requests, with their time in the queue.", self._request_seconds),
            ("engine_seconds", "The engine's part: one image each.", self._engine_seconds),
        ):
            yield from _heading(f"{p}_{name}", "histogram", text)
            yield from histogram.lines(f"{p}_{name}")


def _heading(name: str, kind: str, text: str) -> Iterable[str]:
    yield f"# HELP {name} {text}"
    yield f"# TYPE {name} {kind}"


def _family(name: str, kind: str, text: str, *rows: str) -> Iterable[str]:
    yield from _heading(name, kind, text)
    yield from (f"{name}{row}" for row in rows)


class Visit:
    """One request from arrival to outcome. A request without a recorded outcome counts as `gone`."""

    def __init__(self, metrics: Metrics, endpoint: str) -> None:
        self._metrics = metrics
        self._endpoint = endpoint
        self._since = time.monotonic()
        self.outcome = "gone"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, Refusal):
            self.outcome = "refused" if error.status < 500 else "failed"
        elif error is not None and not isinstance(error, (ClientDisconnect, asyncio.CancelledError)):
            self.outcome = "failed"
        self._metrics.visited(self._endpoint, self.outcome, time.monotonic() - self._since)
