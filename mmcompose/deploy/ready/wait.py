"""From "the containers were created" to "every engine of the profile has answered", or to the reason why not.

The engines are asked side by side, each in a thread of its own; their containers are looked at from here.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from mmcompose.deploy.causes.evidence import Evidence
from mmcompose.deploy.causes.recognise import GOES_ON, Cause, recognise, signed, stuck
from mmcompose.deploy.docker.observe import Running, observe
from mmcompose.deploy.ready import keys, reach
from mmcompose.deploy.ready.asked import Asked, evidence
from mmcompose.deploy.ready.clients import Client, client
from mmcompose.deploy.ready.deaths import ENDED, Deaths
from mmcompose.deploy.ready.events import Event
from mmcompose.deploy.ready.questions import Reached, RefusedError, Watch

if TYPE_CHECKING:
    from mmcompose.deploy.docker.engine import Engine
    from mmcompose.deploy.wanted import Expected, Target

_RESTARTS = 3
_LOOK = (0.1, 0.5)
_TICK = 0.1
_READ = 3.0
"""Seconds between two looks at the log of a server that keeps running after an error."""
_TOLD = 200
"""Characters of what an engine answers that are shown."""
_HOPE = 20.0
"""Seconds that such a server has left after an error that no row explains."""


class FailedError(Exception):
    """It did not come up: why, in one line, the next command, and the last lines of its log."""

    def __init__(self, cause: Cause, profile: str, service: str = "", log: tuple[str, ...] = ()) -> None:
        super().__init__(cause.line)
        self.cause, self.profile, self.service, self.log = cause, profile, service, log


def unusable_secret(what: str, fix: str = "put the secret there alone, on one line") -> Cause:
    """The cause for a secret that exists, and that the engine or its clients cannot use."""
    return Cause("secret-unusable", what, fix)


@dataclass
class Waiting:
    engine: Engine
    target: Target
    root: Path
    timeout: float
    """Seconds from now on: what was pulled, built or waited for before does not count."""
    began: float = field(default_factory=time.monotonic)
    restarts_before: Mapping[str, int] = field(default_factory=dict)
    """Of containers that were there already; only further restarts count."""

    def __post_init__(self) -> None:
        self._services = {one.service: Asked(one, deaths=Deaths(self.restarts_before)) for one in self.target.services}
        self._heard: queue.Queue[tuple[str, Reached | RefusedError | None]] = queue.Queue()
        self._over = threading.Event()
        self._started = time.monotonic()
        self._hide = keys.hiding(self.root, self.target.secrets)

    def events(self) -> Iterator[Event]:
        """Until all are ready; raises FailedError. Whoever stops listening ends the threads too."""
        try:
            look, due = _LOOK[0], 0.0
            while not all(one.ended for one in self._services.values()):
                if time.monotonic() >= due:
                    yield from self._look()
                    due, look = time.monotonic() + look, min(look * 1.3, _LOOK[1])
                yield from self._listen()
                yield self._tick()
                self._check_time()
        finally:
            self._over.set()

    def addresses(self) -> tuple[str, ...]:
        """Where the engines answered."""
        return tuple(f"http://{one.watch.address}" for one in self._services.values() if one.watch)

    def clients(self) -> tuple[Client, ...]:
        """How those of them that chat are asked."""
        asked = [(one.expected, one.watch) for one in self._services.values() if one.watch]
        found = [client(expected, str(watch.address), watch.model) for expected, watch in asked]
        return tuple(one for one in found if one is not None)

    def _tick(self) -> Event:
        """The first service that is not ready: its phase, the time in it, and what was heard last."""
        left = next((one for one in self._services.values() if not one.ended), None)
        if left is None:
            return Event("tick", self.target.profile)
        took = time.monotonic() - left.since
        heard = self._hide(left.watch.heard) if left.watch else ""
        return Event("tick", self.target.profile, left.expected.service, left.phase, took, heard)

    def _look(self) -> Iterator[Event]:
        """At the containers: who runs now, who died."""
        found = {
            one.service: one for one in observe(self.engine, self.target.project, self.target.profile) if one.serves
        }
        for name, asked in self._services.items():
            container = found.get(name)
            asked.container = container
            asked.deaths.see(container)
            self._check(asked)
            if container is not None and container.status == "running" and asked.watch is None and not asked.ended:
                yield from self._ask(asked, container)

    def _ask(self, asked: Asked, container: Running) -> Iterator[Event]:
        address = reach.address(container, asked.expected.listen)
        probe = asked.expected.probe
        if asked.phase == "run":
            yield self._done(asked, "run")
            asked.phase, asked.since = "port" if address else "health", time.monotonic()
        if address is None or not (probe.health or probe.models or probe.path):
            # Nobody can be asked from here: Docker's own health check, where there is one, is what is left.
            if container.health in ("", "healthy"):
                asked.ended = True
                yield self._done(asked, "health")
            return
        key = self._key(asked.expected)
        asked.watch = Watch(address, probe, asked.expected.served_name, key, time.monotonic, self._pause)
        threading.Thread(target=self._follow, args=(asked.expected.service, asked.watch), daemon=True).start()

    def _key(self, expected: Expected) -> str | None:
        try:
            return keys.key(self.root, expected)
        except keys.BadKeyError as bad:
            raise FailedError(unusable_secret(str(bad)), self.target.profile, expected.service) from bad

    def _done(self, asked: Asked, phase: str) -> Event:
        return Event("reached", self.target.profile, asked.expected.service, phase, time.monotonic() - asked.since)

    def _pause(self, seconds: float) -> bool:
        return not self._over.wait(seconds)

    def _follow(self, name: str, watch: Watch) -> None:
        """In its own thread. Whatever goes wrong here must be heard, or the other side waits for ever."""
        try:
            for reached in watch.run():
                self._heard.put((name, reached))
            self._heard.put((name, None))
        except RefusedError as refused:
            self._heard.put((name, refused))
        except Exception as error:
            self._heard.put((name, RefusedError(f"{type(error).__name__}: {error}")))

    def _listen(self) -> Iterator[Event]:
        try:
            first = self._heard.get(timeout=_TICK)
        except queue.Empty:
            return
        heard = [first]
        while not self._heard.empty():
            heard.append(self._heard.get_nowait())
        for name, said in heard:
            asked = self._services[name]
            if isinstance(said, RefusedError):
                asked.refusal = str(said)
                self._look_once(asked)
                self._fail(asked)
            elif said is None:
                asked.ended = True
            else:
                asked.phase, asked.since = _after(said.phase), time.monotonic()
                text = self._hide(said.text)[:_TOLD]
                yield Event("reached", self.target.profile, name, said.phase, said.seconds, text)

    def _look_once(self, asked: Asked) -> None:
        if asked.container is not None:
            found = observe(self.engine, self.target.project, self.target.profile)
            asked.container = next((one for one in found if one.id == asked.container.id), asked.container)
            asked.deaths.see(asked.container)

    def _check(self, asked: Asked) -> None:
        """Is there still something to wait for?"""
        container = asked.container
        if container is None:
            self._fail(asked)
            return
        restarts = asked.deaths.restarts
        # Docker calls one unhealthy that has just died, too.
        unhealthy = container.status == "running" and container.health == "unhealthy"
        if container.status in ENDED or restarts >= _RESTARTS or unhealthy:
            self._fail(asked)
        if restarts or container.status == "restarting":
            cause = signed(self._evidence(asked))
            if cause is not None and cause.final:
                self._fail(asked)
        if container.status == "running" and container.backend in GOES_ON and not asked.ended:
            self._check_words(asked)

    def _check_words(self, asked: Asked) -> None:
        """Some servers keep running after an error from which they do not recover."""
        now = time.monotonic()
        if now - asked.read < _READ:
            return
        asked.read = now
        cause = stuck(self._evidence(asked))
        asked.complained = (asked.complained or now) if cause else 0.0
        if cause is not None and (cause.final or now - asked.complained >= _HOPE):
            self._fail(asked)

    def _check_time(self) -> None:
        if time.monotonic() - self._started > self.timeout:
            late = next((one for one in self._services.values() if not one.ended), None)
            if late is not None:
                self._look_once(late)
                self._fail(late)

    def _fail(self, asked: Asked) -> None:
        found = self._evidence(asked)
        raise FailedError(recognise(found), self.target.profile, asked.expected.service, found.log)

    def _evidence(self, asked: Asked) -> Evidence:
        return evidence(self.engine, self.target, asked, self._hide, time.monotonic() - self._started)


def _after(phase: str) -> str:
    order = ("port", "health", "model", "token")
    place = order.index(phase) + 1
    return order[min(place, len(order) - 1)]
