"""Tells what happens: as plain lines for people, or as one JSON object a line for a program that draws a bar."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections import deque
from typing import TextIO

from mmfetch.sizes import readable

EVENTS_EVERY_S = 0.5
LINES_EVERY_S = 10.0
WINDOW_S = 10.0


class Report:
    """The lines of one run; may be called from several threads."""

    def __init__(self, events: bool, out: TextIO | None = None) -> None:
        self._events = events
        self._out = out or sys.stdout
        self._lock = threading.RLock()
        self._total = 0
        self._done = 0
        self._shown = 0.0
        self._moments: deque[tuple[float, int]] = deque()

    def phase(self, name: str, text: str) -> None:
        """A new phase begins: `wait`, `ask`, `check`, `fetch`, `finish`."""
        self._say({"event": "phase", "phase": name, "text": text}, text)

    def note(self, text: str) -> None:
        """Something that is good to know and stops nothing."""
        self._say({"event": "note", "text": text}, f"note: {text}")

    def file(self, path: str, size: int, source: str) -> None:
        """A file is whole, and where its bytes came from."""
        self._say(
            {"event": "file", "path": path, "bytes": size, "source": source}, f"{path}: {readable(size)} {source}"
        )

    def expect(self, total: int, present: int) -> None:
        """The bytes of all files, and those that are there already."""
        with self._lock:
            self._total, self._done = total, present
            self._moments.clear()
            self._shown = time.monotonic()
            self._moments.append((self._shown, present))

    def advance(self, count: int) -> None:
        """Bytes have arrived; a negative count takes back those that were of no use."""
        with self._lock:
            self._done += count
            now = time.monotonic()
            if now - self._shown >= (EVENTS_EVERY_S if self._events else LINES_EVERY_S):
                self._shown = now
                self._progress(now)

    def done(self, changed: bool, text: str, **facts: object) -> None:
        """The last line of a run that went well."""
        self._say({"event": "done", "changed": changed, "text": text, **facts}, text)

    def result(self, document: object) -> None:
        """The answer of a verb that was asked for one."""
        with self._lock:
            print(json.dumps(document, indent=None if self._events else 1), file=self._out, flush=True)

    def failure(self, code: int, message: str, hint: str) -> None:
        """The last line of a run that failed."""
        if self._events:
            self._say({"event": "failure", "code": code, "message": message, "hint": hint}, "")
        else:
            print(f"mmfetch: {message}" + (f"\n  {hint}" if hint else ""), file=sys.stderr, flush=True)

    def _progress(self, now: float) -> None:
        self._moments.append((now, self._done))
        while len(self._moments) > 2 and now - self._moments[0][0] > WINDOW_S:
            self._moments.popleft()
        begun, before = self._moments[0]
        rate = max(0.0, (self._done - before) / (now - begun)) if now > begun else 0.0
        left = round((self._total - self._done) / rate) if rate else None
        event = {"event": "progress", "bytes": self._done, "total": self._total, "rate": round(rate), "eta": left}
        text = f"{readable(self._done)} of {readable(self._total)}, {readable(rate)}/s"
        self._say(event, text if left is None else f"{text}, {_time(left)} left")

    def _say(self, event: dict[str, object], text: str) -> None:
        with self._lock:
            print(json.dumps(event) if self._events else text, file=self._out, flush=True)


def _time(seconds: int) -> str:
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {seconds:02} s" if minutes else f"{seconds} s"
