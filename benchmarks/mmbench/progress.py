"""Shows progress: one line, four times a second on a terminal, once in five seconds elsewhere."""

from __future__ import annotations

import asyncio
import json
import sys
from collections import deque
from dataclasses import asdict, dataclass
from statistics import median
from time import monotonic
from typing import Protocol, TextIO

from .sample import Sample

TERMINAL_EVERY, LOOK_EVERY, LINES_EVERY, JSON_EVERY = 0.25, 1.0, 5.0, 1.0


@dataclass(slots=True)
class Counts:
    """The counts of a load; they may come from several worker processes."""

    in_flight: int = 0
    done: int = 0
    ok: int = 0
    failed: int = 0
    tokens: int = 0
    ttft_p50_ms: float | None = None


class Tally:
    """Watches one process's load. Only counters per request, nothing per token."""

    def __init__(self) -> None:
        self.counts = Counts()
        self._recent: deque[float] = deque(maxlen=100)

    def started(self) -> None:
        self.counts.in_flight += 1

    def finished(self, sample: Sample) -> None:
        counts = self.counts
        counts.in_flight -= 1
        counts.done += 1
        counts.tokens += sample.generated_tokens
        if sample.ok:
            counts.ok += 1
            if sample.ttft_ms is not None:
                self._recent.append(sample.ttft_ms)
        elif not sample.cancelled:
            counts.failed += 1

    def snapshot(self) -> Counts:
        self.counts.ttft_p50_ms = round(median(self._recent), 3) if self._recent else None
        return self.counts


def added(parts: list[Counts]) -> Counts:
    first_tokens = [each.ttft_p50_ms for each in parts if each.ttft_p50_ms is not None]
    return Counts(
        in_flight=sum(each.in_flight for each in parts),
        done=sum(each.done for each in parts),
        ok=sum(each.ok for each in parts),
        failed=sum(each.failed for each in parts),
        tokens=sum(each.tokens for each in parts),
        ttft_p50_ms=median(first_tokens) if first_tokens else None,
    )


class Source(Protocol):
    def snapshot(self) -> Counts: ...


class Display:
    """Shows one level's counts until it is closed. `mode`: auto, bar, lines, json or none."""

    def __init__(self, mode: str, stream: TextIO | None = None) -> None:
        self._stream = stream = stream or sys.stderr
        self.mode = ("bar" if stream.isatty() else "lines") if mode == "auto" else mode
        self._every = {"bar": TERMINAL_EVERY, "lines": LOOK_EVERY, "json": JSON_EVERY, "none": 0.0}[self.mode]
        self._timer: asyncio.TimerHandle | None = None
        self._drew = -LINES_EVERY

    def open(self, name: str, source: Source, total: int | None, seconds: float | None) -> None:
        self._name, self._source, self._total, self._seconds = name, source, total, seconds
        self._began = monotonic()
        self._tick(draw=False)

    def close(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None
            self._draw()
            if self.mode == "bar":
                self._write("\n")

    def say(self, text: str) -> None:
        if self.mode == "json":
            self._write(json.dumps({"message": text}) + "\n")
        elif self.mode != "none":
            self._write(text + "\n")

    def _tick(self, draw: bool = True) -> None:
        if not self._every:
            return
        if draw:
            self._draw()
        self._timer = asyncio.get_running_loop().call_later(self._every, self._tick)

    def _draw(self) -> None:
        """Draws the line. In a log, short levels are not drawn: the table at the end has them all."""
        now = monotonic()
        if self.mode == "lines" and now - self._drew < LINES_EVERY:
            return
        self._drew = now
        counts, elapsed = self._source.snapshot(), now - self._began
        eta = self.eta(counts, elapsed)
        rate = counts.tokens / elapsed if elapsed else 0.0
        if self.mode == "json":
            shown = {"point": self._name, "total": self._total, "elapsed_s": round(elapsed, 2), "tok_s": round(rate, 1)}
            self._write(json.dumps(shown | asdict(counts) | {"eta_s": None if eta is None else round(eta, 1)}) + "\n")
            return
        total = f"/{self._total}" if self._total else ""
        ttft = "-" if counts.ttft_p50_ms is None else f"{counts.ttft_p50_ms:.0f} ms"
        line = (
            f"{self._name}: {counts.in_flight} in flight, {counts.done}{total} done, {counts.ok} ok, "
            f"{counts.failed} failed, {rate:.0f} tok/s, TTFT p50 {ttft}"
            + ("" if eta is None else f", {eta:.0f} s left")
        )
        self._write(f"\r\x1b[K{line}" if self.mode == "bar" else line + "\n")

    def eta(self, counts: Counts, elapsed: float) -> float | None:
        if self._seconds is not None:
            return max(0.0, self._seconds - elapsed)
        if not self._total or not counts.done:
            return None
        return max(0, self._total - counts.done) * elapsed / counts.done

    def _write(self, text: str) -> None:
        try:
            self._stream.write(text)
            self._stream.flush()
        except (OSError, ValueError):
            self.mode, self._every = "none", 0.0  # nobody reads any more: the measurement goes on
