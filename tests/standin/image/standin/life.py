"""From start to end: loading takes its time, fails if told so, and SIGTERM ends it."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from .failures import last_words

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from .engines import Engine
    from .told import Told

State = Literal["loading", "ready", "failed"]


@dataclass
class Life:
    name: str
    engine: Engine
    told: Told
    model: str
    prepare: Callable[[], str] = str
    """What is read and checked while it loads; what it answers says why the model cannot be served."""
    state: State = field(default="loading", init=False)
    reason: str = field(default="", init=False)

    def begin(self) -> None:
        signal.signal(signal.SIGTERM, self._end)
        signal.signal(signal.SIGINT, self._end)
        threading.Thread(target=self._load, daemon=True).start()

    def until_open(self) -> None:
        """When the port opens: at once, or only when most or all of the loading is done."""
        share = self.engine.opens
        began = time.monotonic()
        while self.state == "loading" and (share >= 1 or time.monotonic() - began < share * self.told.load_seconds):
            time.sleep(0.01)

    def _load(self) -> None:
        self._keep()
        reason = self.prepare()
        time.sleep(self.told.load_seconds)
        if words := last_words(self.told.failure, self.name, self.model):
            die(*words)
        if self.told.failure == "never-healthy":
            return
        self.reason = reason
        self.state = "failed" if reason else "ready"

    def _keep(self) -> None:
        """Write where the engine keeps what it downloads and compiles; where that fails, so would the engine."""
        home = Path(os.environ.get("HOME") or "/root")
        for variable, usual in self.engine.caches:
            folder = Path(os.environ.get(variable) or home / usual)
            try:
                folder.mkdir(parents=True, exist_ok=True)
                (folder / "stand-in").write_text("written by a test double\n")
            except OSError as error:
                die(f"{type(error).__name__}: {error}", 1)

    def _end(self, number: int, _: FrameType | None) -> None:
        if number == signal.SIGTERM and self.told.stop_seconds:
            time.sleep(self.told.stop_seconds)
        say("stopped")
        os._exit(0)


def say(words: str) -> None:
    print(f"[stand-in, a test double] {words}", file=sys.stderr, flush=True)


def die(words: str, status: int) -> None:
    print(words, file=sys.stderr, flush=True)
    os._exit(status)
