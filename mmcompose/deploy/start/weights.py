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
_STARTED = re.compile(r"^\s*Container (?P<name>\S+)\s+Started")


class Fetching:
    """Reads the lines of Compose; follows the log of each service that fetches from its start to its end.

    `seconds` is the time that they took: no limit for the start of an engine holds for a download.
    """

    def __init__(self, engine: DockerEngine, wanted: WantedProfile, tell: Tell) -> None:
        self._engine, self._wanted, self._tell = engine, wanted, tell
        self._followed: list[threading.Thread] = []
        self._began = 0.0
        self.seconds = 0.0

    def __call__(self, event: Event) -> None:
        started = _STARTED.match(event.text) if event.kind == "line" else None
        if started and started["name"] in self._wanted.fetching:
            self._began = self._began or time.monotonic()
            self._follow(started["name"])
        elif started and self._followed:
            self.end()
        self._tell(event)

    def end(self) -> None:
        """Waits for the last lines, and reports the time."""
        for thread in self._followed:
            thread.join()
        if self._followed:
            self.seconds = time.monotonic() - self._began
            self._tell(Event("reached", self._wanted.profile, phase=PHASE, seconds=self.seconds))
        self._followed = []

    def _follow(self, name: str) -> None:
        self._tell(Event("phase", self._wanted.profile, phase=PHASE))
        thread = threading.Thread(target=self._read, args=(name,), daemon=True)
        thread.start()
        self._followed.append(thread)

    def _read(self, name: str) -> None:
        with contextlib.suppress(EngineError):
            found = observe(self._engine, self._wanted.project, self._wanted.profile)
            for one in (one for one in found if one.name == name):
                for line in self._engine.logs(one.id, follow=True, since=one.started):
                    seconds = time.monotonic() - self._began
                    self._tell(Event("tick", self._wanted.profile, phase=PHASE, seconds=seconds, text=line))
