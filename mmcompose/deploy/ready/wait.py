"""Waits from the creation of the containers until every engine of the profile has answered, or one has failed.

Each engine has a thread of its own, which questions it; this file looks at the containers.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mmcompose.deploy.causes.evidence import Evidence
from mmcompose.deploy.causes.recognise import Cause, recognise, signed, stuck
from mmcompose.deploy.docker.engine import DockerEngine
from mmcompose.deploy.docker.observe import Running, observe
from mmcompose.deploy.ready import keys, reach
from mmcompose.deploy.ready.awaited import ENDED, Awaited, Deaths, evidence
from mmcompose.deploy.ready.clients import Client, client
from mmcompose.deploy.ready.events import Event
from mmcompose.deploy.ready.questions import Reached, RefusedError, Watch
from mmcompose.deploy.wanted import Expected, WantedProfile
from mmcompose.engines.known.engine import known
from mmcompose.model.phases import QUESTIONS

_RESTARTS = 3
_LOOK = (0.1, 0.5)
_TICK = 0.1
_READ = 3.0
"""Seconds between two looks at the log of a server that keeps running after an error."""
_LONGEST = 200
"""Characters of an engine's answer that are shown."""
_HOPE = 20.0
"""Seconds for such a server after an error that no row explains."""


class FailedError(Exception):
    """Reports a profile that did not start: the cause on one line, the next command, and the last lines of its log."""

    def __init__(self, cause: Cause, profile: str, service: str = "", log: tuple[str, ...] = ()) -> None:
        super().__init__(cause.line)
        self.cause, self.profile, self.service, self.log = cause, profile, service, log


def unusable_secret(what: str, fix: str = "put the secret there alone, on one line") -> Cause:
    """The cause for a secret that exists, but that the engine or its clients cannot use."""
    return Cause("secret-unusable", what, fix)


@dataclass
class Waiting:
    engine: DockerEngine
    wanted: WantedProfile
    root: Path
    timeout: float
    """Seconds from now on: earlier pulling, building and waiting does not count."""
    began: float = field(default_factory=time.monotonic)
    restarts_before: Mapping[str, int] = field(default_factory=dict)
    """The restarts of containers that existed already; only further ones count."""

    def __post_init__(self) -> None:
        self._services = {
            one.service: Awaited(one, deaths=Deaths(self.restarts_before)) for one in self.wanted.services
        }
        self._news: queue.Queue[tuple[str, Reached | RefusedError | None]] = queue.Queue()
        self._over = threading.Event()
        self._started = time.monotonic()
        self._hide = keys.hiding(self.root, self.wanted.secrets)

    def events(self) -> Iterator[Event]:
        """Yields events until all are ready; raises FailedError. The threads end when the reader stops."""
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

    def tell(self, receive: Callable[[Event], None]) -> None:
        """The same, as calls."""
        for event in self.events():
            receive(event)

    def addresses(self) -> tuple[str, ...]:
        """The addresses of the engines that answered."""
        return tuple(f"http://{one.watch.address}" for one in self._services.values() if one.watch)

    def clients(self) -> tuple[Client, ...]:
        """The clients of those engines that chat."""
        watched = [(one.expected, one.watch) for one in self._services.values() if one.watch]
        found = [client(expected, str(watch.address), watch.model) for expected, watch in watched]
        return tuple(one for one in found if one is not None)

    def _tick(self) -> Event:
        """The first service that is not ready: its phase, the time in it, and its last answer."""
        left = next((one for one in self._services.values() if not one.ended), None)
        if left is None:
            return Event("tick", self.wanted.profile)
        took = time.monotonic() - left.since
        last_answer = self._hide(left.watch.last_answer) if left.watch else ""
        return Event("tick", self.wanted.profile, left.expected.service, left.phase, took, last_answer)

    def _look(self) -> Iterator[Event]:
        """Looks at the containers: running ones, dead ones."""
        found = {
            one.service: one for one in observe(self.engine, self.wanted.project, self.wanted.profile) if one.serves
        }
        for name, awaited in self._services.items():
            container = found.get(name)
            awaited.container = container
            awaited.deaths.see(container)
            self._check(awaited)
            if container is not None and container.status == "running" and awaited.watch is None and not awaited.ended:
                yield from self._ask(awaited, container)

    def _ask(self, awaited: Awaited, container: Running) -> Iterator[Event]:
        address = reach.address(container, awaited.expected.listen)
        probe = awaited.expected.probe
        if awaited.phase == "run":
            yield self._done(awaited, "run")
            awaited.phase, awaited.since = "port" if address else "health", time.monotonic()
        if address is None or not (probe.health or probe.models or probe.path):
            # The engine is out of our reach: only Docker's own health check, where there is one, is left.
            if container.health in ("", "healthy"):
                awaited.ended = True
                yield self._done(awaited, "health")
            return
        key = self._key(awaited.expected)
        awaited.watch = Watch(address, probe, awaited.expected.served_name, key, time.monotonic, self._pause)
        threading.Thread(target=self._follow, args=(awaited.expected.service, awaited.watch), daemon=True).start()

    def _key(self, expected: Expected) -> str | None:
        try:
            return keys.key(self.root, expected)
        except keys.BadKeyError as bad:
            raise FailedError(unusable_secret(str(bad)), self.wanted.profile, expected.service) from bad

    def _done(self, awaited: Awaited, phase: str) -> Event:
        return Event("reached", self.wanted.profile, awaited.expected.service, phase, time.monotonic() - awaited.since)

    def _pause(self, seconds: float) -> bool:
        return not self._over.wait(seconds)

    def _follow(self, name: str, watch: Watch) -> None:
        """Runs in its own thread, and reports every error there, or the main thread would wait for ever."""
        try:
            for reached in watch.run():
                self._news.put((name, reached))
            self._news.put((name, None))
        except RefusedError as refused:
            self._news.put((name, refused))
        except Exception as error:
            self._news.put((name, RefusedError(f"{type(error).__name__}: {error}")))

    def _listen(self) -> Iterator[Event]:
        try:
            first = self._news.get(timeout=_TICK)
        except queue.Empty:
            return
        news = [first]
        while not self._news.empty():
            news.append(self._news.get_nowait())
        for name, piece in news:
            awaited = self._services[name]
            if isinstance(piece, RefusedError):
                awaited.refusal = str(piece)
                self._look_once(awaited)
                self._fail(awaited)
            elif piece is None:
                awaited.ended = True
            else:
                awaited.phase, awaited.since = _after(piece.phase), time.monotonic()
                text = self._hide(piece.text)[:_LONGEST]
                yield Event("reached", self.wanted.profile, name, piece.phase, piece.seconds, text)

    def _look_once(self, awaited: Awaited) -> None:
        if awaited.container is not None:
            found = observe(self.engine, self.wanted.project, self.wanted.profile)
            awaited.container = next((one for one in found if one.id == awaited.container.id), awaited.container)
            awaited.deaths.see(awaited.container)

    def _check(self, awaited: Awaited) -> None:
        """Fails if there is nothing left to wait for."""
        container = awaited.container
        if container is None:
            self._fail(awaited)
            return
        restarts = awaited.deaths.restarts
        # Docker calls one unhealthy that has just died, too.
        unhealthy = container.status == "running" and container.health == "unhealthy"
        if container.status in ENDED or restarts >= _RESTARTS or unhealthy:
            self._fail(awaited)
        if restarts or container.status == "restarting":
            cause = signed(self._evidence(awaited))
            if cause is not None and cause.final:
                self._fail(awaited)
        if container.status == "running" and known(container.backend).outlives_errors and not awaited.ended:
            self._check_log(awaited)

    def _check_log(self, awaited: Awaited) -> None:
        """Fails if a server keeps running after an error from which it does not recover."""
        now = time.monotonic()
        if now - awaited.read < _READ:
            return
        awaited.read = now
        cause = stuck(self._evidence(awaited))
        awaited.complained = (awaited.complained or now) if cause else 0.0
        if cause is not None and (cause.final or now - awaited.complained >= _HOPE):
            self._fail(awaited)

    def _check_time(self) -> None:
        if time.monotonic() - self._started > self.timeout:
            late = next((one for one in self._services.values() if not one.ended), None)
            if late is not None:
                self._look_once(late)
                self._fail(late)

    def _fail(self, awaited: Awaited) -> None:
        found = self._evidence(awaited)
        raise FailedError(recognise(found), self.wanted.profile, awaited.expected.service, found.log)

    def _evidence(self, awaited: Awaited) -> Evidence:
        return evidence(self.engine, self.wanted, awaited, self._hide, time.monotonic() - self._started)


def _after(phase: str) -> str:
    place = QUESTIONS.index(phase) + 1
    return QUESTIONS[min(place, len(QUESTIONS) - 1)]
