"""Undoes a failed hand-over: removes the started containers, starts the stopped ones, waits for them. Never raises."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from mmcompose.deploy.docker.engine import DockerEngine, EngineError
from mmcompose.deploy.docker.observe import Running, deployments, observe
from mmcompose.deploy.handover.plan import Stop, full_name
from mmcompose.deploy.ready.events import Event
from mmcompose.deploy.ready.wait import FailedError, Waiting
from mmcompose.deploy.start.down import take_down
from mmcompose.deploy.start.order import Order, Tell
from mmcompose.deploy.wanted import WantedProfile, wanted_profile
from mmcompose.model import Stack

RESTORED = 600.0
"""Seconds for a former owner to answer again."""


def roll_back(
    engine: DockerEngine, stack: Stack, order: Order, tell: Tell, stopped: Sequence[Stop], failure: BaseException
) -> tuple[list[str], list[str]]:
    """The profiles that are back, and sentences about the ones that could not be brought back."""
    restored: list[str] = []
    broken: list[str] = []
    profile, project = order.wanted.profile, order.wanted.project
    if not stopped:
        return restored, broken
    names = ", ".join(full_name(stop, project) for stop in stopped)
    why = "interrupted" if isinstance(failure, KeyboardInterrupt) else "it failed"
    tell(Event("note", profile, text=f"{why}; bringing {names} back"))
    try:
        _ignoring_interrupts(partial(_remove, engine, order.wanted))
    except EngineError as error:
        broken.append(f"{profile} could not be removed: {error.last_line}")
    for stop in reversed(stopped):
        name, began = full_name(stop, project), time.monotonic()
        try:
            _ignoring_interrupts(partial(_start_again, engine, stop))
            _await(engine, stack, order, tell, stop, began)
            restored.append(name)
        except KeyboardInterrupt:
            broken.append(f"{name} was started again; nothing waited for its answer")
        except FailedError as failed:
            broken.append(f"{name} was not brought back: {failed.cause.line}")
        except EngineError as error:
            broken.append(f"{name} was not brought back: {error.last_line}")
    return restored, broken


def _remove(engine: DockerEngine, started: WantedProfile) -> None:
    for found in deployments(observe(engine, started.project, started.profile)):
        take_down(engine, found)


def _start_again(engine: DockerEngine, stop: Stop) -> None:
    """Starts the very containers that ran before, so that changes in the files do not matter.

    Benchmarks of an engine are over, and most of their containers disappear when they stop.
    """
    ids = [one.id for one in stop.running if one.serves]
    # A stop that was broken off goes on inside Docker, and would end what is started before it is through.
    engine.stop(ids)
    engine.start(ids)


def _await(engine: DockerEngine, stack: Stack, order: Order, tell: Tell, stop: Stop, began: float) -> None:
    if stop.name in stack.profiles and stop.deployment.project == order.wanted.project:
        former = as_it_ran(wanted_profile(stack, stop.name), stop.running)
        Waiting(engine, former, order.root, RESTORED, began).tell(tell)
    tell(Event("note", order.wanted.profile, text=f"{stop.name} is back after {time.monotonic() - began:.1f} s"))


def as_it_ran(declared: WantedProfile, running: Sequence[Running]) -> WantedProfile:
    """The wanted profile with only those services that ran: only they are awaited."""
    ran = {one.service for one in running}
    return replace(declared, services=tuple(one for one in declared.services if one.service in ran))


def _ignoring_interrupts(step: Callable[[], None]) -> None:
    """Ignores a second Ctrl-C: it reaches Docker's program too, and half a step leaves a GPU to nobody or to two."""
    try:
        step()
    except (KeyboardInterrupt, EngineError):
        step()
