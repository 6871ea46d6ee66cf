"""Follows a profile that is up until it ends: by itself, which is a failure, or because somebody stopped it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from mmcompose.deploy.causes.recognise import recognise
from mmcompose.deploy.docker import logs
from mmcompose.deploy.docker.engine import DockerEngine, EngineError
from mmcompose.deploy.docker.observe import Running, observe
from mmcompose.deploy.ready import keys
from mmcompose.deploy.ready.awaited import Awaited, Deaths, evidence
from mmcompose.deploy.ready.wait import FailedError
from mmcompose.deploy.start.order import Order

_COMES_BACK = 10.0
"""Seconds for whoever stopped an engine to start it again, as `mmcompose restart` and an `up` with new values do."""
_LOOK = 0.5
_KILLED = "9"


def follow(engine: DockerEngine, order: Order, since: str, show: Callable[[str], None]) -> None:
    """Shows what the engines print since a moment of Docker's clock; returns when somebody has stopped one of them.
    Raises FailedError if one ends by itself, even if Docker starts it again: who follows decides about that."""
    running = _engines(engine, order)
    began = time.monotonic()
    while running:
        _show(engine, running, logs.Options(since=since), show)
        looked = now_at(engine)
        now = {one.id: one for one in _engines(engine, order)}
        ended = [one for one in running if _has_ended(one, now.get(one.id))]
        for one in ended:
            if one.id in now and not _was_stopped(engine, one):
                raise _failed(engine, order, one, now[one.id], time.monotonic() - began)
        if ended:
            running = _back(engine, order)
            since = min((one.started for one in running), default="")
        else:
            # Its log broke off, or Docker does not know yet that it has ended.
            since = looked
            time.sleep(_LOOK)


def now_at(engine: DockerEngine) -> str:
    """This moment by Docker's clock."""
    return str(engine.info().get("SystemTime", ""))


def _engines(engine: DockerEngine, order: Order) -> list[Running]:
    return [one for one in observe(engine, order.wanted.project, order.wanted.profile) if one.serves]


def _show(engine: DockerEngine, running: Sequence[Running], options: logs.Options, show: Callable[[str], None]) -> None:
    """Shows the lines of all engines until the first one ends. A log that cannot be read ends as well."""
    named = logs.names(running, several=False)
    with suppress(EngineError):
        for line in logs.follow(engine, named, running, options, to_first_end=True):
            show(line)


def _has_ended(before: Running, now: Running | None) -> bool:
    return now is None or not now.alive or now.status == "restarting" or now.started != before.started


def _was_stopped(engine: DockerEngine, one: Running) -> bool:
    """Whether Docker was asked to stop it: that sends another signal before the one that kills."""
    return any(signal != _KILLED for signal in engine.signals(one.id, one.started))


def _back(engine: DockerEngine, order: Order) -> list[Running]:
    """The engines once all of them run again; none if nobody starts them."""
    end = time.monotonic() + _COMES_BACK
    wanted = {one.service for one in order.wanted.services}
    while found := _engines(engine, order):
        alive = [one for one in found if one.status == "running"]
        if {one.service for one in alive} >= wanted:
            return alive
        if time.monotonic() > end:
            break
        time.sleep(_LOOK)
    return []


def _failed(engine: DockerEngine, order: Order, before: Running, now: Running, waited: float) -> FailedError:
    expected = {one.service: one for one in order.wanted.services}
    restarts: Mapping[str, int] = {before.id: before.restarts}
    awaited = Awaited(expected[before.service], now, deaths=Deaths(restarts))
    awaited.deaths.see(now)
    found = evidence(engine, order.wanted, awaited, keys.hiding(order.root, order.wanted.secrets), waited)
    return FailedError(recognise(found), order.wanted.profile, before.service, found.log)
