"""One service that a start waits for: its phase, and the facts that explain a failure."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from mmcompose.deploy.causes.evidence import Evidence
from mmcompose.deploy.docker import memory
from mmcompose.deploy.docker.engine import DockerEngine, EngineError
from mmcompose.deploy.docker.observe import Running
from mmcompose.deploy.ready.questions import Watch
from mmcompose.deploy.wanted import Expected, WantedProfile

ENDED = ("exited", "dead")


@dataclass
class Deaths:
    """A container's history since the wait began: restarts, the last exit code, the most memory. `before` are the
    restarts from before: only later ones count."""

    before: Mapping[str, int] = field(default_factory=dict)
    code: int | None = None
    """The exit code of its last observed end; Docker does not report it while a container runs."""
    killed: bool = False
    """Whether the kernel ended it for lack of memory; Docker forgets that when it runs again."""
    peak: int = 0
    restarts: int = 0
    looked_up: int = 0
    """The number of restarts at which Docker was asked about its end."""
    _id: str = ""
    _baseline: int = 0

    def see(self, container: Running | None) -> None:
        if container is None:
            return
        if container.id != self._id:
            self._id, self._baseline = container.id, self.before.get(container.id, 0)
            self.code, self.killed, self.looked_up = None, False, 0
        # Whoever starts a container by hand makes Docker count anew.
        self._baseline = min(self._baseline, container.restarts)
        self.restarts = container.restarts - self._baseline
        if container.status in ("restarting", *ENDED):
            self.code = container.exit_code
        self.killed = self.killed or container.oom_killed
        self.peak = max(self.peak, memory.peak(container))


_KILLED = 137
"""The exit code of a process that the kernel kills."""
TAIL = 200
"""The number of log lines that are searched for the cause of a failure."""


@dataclass
class Awaited:
    expected: Expected
    container: Running | None = None
    phase: str = "run"
    since: float = field(default_factory=time.monotonic)
    """When that phase began."""
    deaths: Deaths = field(default_factory=Deaths)
    ended: bool = False
    watch: Watch | None = None
    refusal: str = ""
    read: float = 0.0
    """When its log was read last."""
    complained: float = 0.0
    """Since when its log shows an error while it keeps running."""


def evidence(
    engine: DockerEngine, wanted: WantedProfile, awaited: Awaited, hide: Callable[[str], str], waited: float
) -> Evidence:
    """Collects the known facts about a failure; `hide` removes the secrets from a text."""
    container = awaited.container
    _ask_docker_about_ends(engine, awaited)
    return Evidence(
        profile=wanted.profile,
        service=awaited.expected.service,
        host=wanted.host,
        image=awaited.expected.image,
        refusal=hide(awaited.refusal),
        container=container,
        restarts=awaited.deaths.restarts,
        exit_code=awaited.deaths.code,
        killed=awaited.deaths.killed,
        memory_peak=awaited.deaths.peak or None,
        log=tuple(map(hide, _log(engine, container))) if container else (),
        last_answer=hide(awaited.watch.last_answer) if awaited.watch else "",
        waited=waited,
    )


def _ask_docker_about_ends(engine: DockerEngine, awaited: Awaited) -> None:
    """Asks Docker about ends that no look has seen: a slow machine misses the moments between two runs. Once for
    each end."""
    deaths = awaited.deaths
    unclear = deaths.code in (None, _KILLED) and not deaths.killed
    if awaited.container and unclear and deaths.restarts != deaths.looked_up:
        with suppress(EngineError):
            end = engine.last_end(awaited.container.id)
            deaths.looked_up = deaths.restarts
            deaths.code = end.code if deaths.code is None else deaths.code
            deaths.killed = deaths.killed or end.killed


def _log(engine: DockerEngine, container: Running) -> tuple[str, ...]:
    try:
        return tuple(engine.logs(container.id, tail=TAIL))
    except EngineError as error:
        if not any(sign in error.message.lower() for sign in ("no such container", "marked for removal")):
            raise
        # Somebody took it down between two looks.
        return ()
