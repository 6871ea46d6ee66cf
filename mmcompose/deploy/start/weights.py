"""Shows how the services that fetch weights get on, while Compose waits for them."""

from __future__ import annotations

import contextlib
import re
import threading
import time

from mmcompose.deploy.docker.engine import DockerEngine, EngineError
from mmcompose.deploy.docker.observe import observe
from mmcompose.deploy.ready.events import Event
from mmcompose.deploy.start.order import Tell
from mmcompose.deploy.wanted import WantedProfile

PHASE = "weights"
_AFTER_FAILURE = 5.0
"""The most seconds for the end of a log whose start has failed."""
_REPORT = re.compile(r"^\s*Container (?P<name>\S+)\s+(?P<what>Started|Running|Waiting)")


class Fetching:
    """Reads the lines of Compose; follows the log of each service that fetches from its start to its end.

    `seconds` is the time that they took: no limit for the start of an engine holds for a download.
    """

    def __init__(self, engine: DockerEngine, wanted: WantedProfile, tell: Tell) -> None:
        self._engine, self._wanted, self._tell = engine, wanted, tell
        self._followed: list[threading.Thread] = []
        self._known: set[str] = set()
        self._began = 0.0
        self._left = False
        self.seconds = 0.0

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """After a failure another service may fetch for hours, and whoever interrupts waits for nothing."""
        self._left = kind is not None and not issubclass(kind, Exception)
        if not self._left:
            self.end(None if kind is None else _AFTER_FAILURE)

    def __call__(self, event: Event) -> None:
        report = _REPORT.match(event.text) if event.kind == "line" else None
        if report and report["name"] in self._wanted.fetching:
            self._follow(report["name"])
        elif report and report["what"] == "Started":
            self.end()
        self._tell(event)

    def end(self, patience: float | None = None) -> None:
        """Waits for the last lines, and reports the time."""
        for thread in self._followed:
            thread.join(patience)
        if self._followed:
            self.seconds = time.monotonic() - self._began
            self._tell(Event("reached", self._wanted.profile, phase=PHASE, seconds=self.seconds))
        self._followed.clear()

    def _follow(self, name: str) -> None:
        """Follows a log once, also where an earlier start that was interrupted began to fetch."""
        if name in self._known:
            return
        self._known.add(name)
        self._began = self._began or time.monotonic()
        self._tell(Event("phase", self._wanted.profile, phase=PHASE))
        thread = threading.Thread(target=self._read, args=(name,), daemon=True)
        thread.start()
        self._followed.append(thread)

    def _read(self, name: str) -> None:
        with contextlib.suppress(EngineError):
            found = observe(self._engine, self._wanted.project, self._wanted.profile)
            for one in (one for one in found if one.name == name):
                for line in self._engine.logs(one.id, follow=True, since=one.started):
                    if self._left:
                        return
                    seconds = time.monotonic() - self._began
                    self._tell(Event("tick", self._wanted.profile, phase=PHASE, seconds=seconds, text=line))
