"""Restarts the containers of a profile as they are, and waits until its engines answer."""

from __future__ import annotations

import contextlib
import time

from mmcompose.deploy.docker.engine import DockerEngine
from mmcompose.deploy.docker.observe import observe
from mmcompose.deploy.handover import lock
from mmcompose.deploy.handover.rollback import as_it_ran
from mmcompose.deploy.ready.events import Event
from mmcompose.deploy.ready.wait import Waiting
from mmcompose.deploy.start import starters
from mmcompose.deploy.start.bring_up import await_answers
from mmcompose.deploy.start.order import Order, Tell
from mmcompose.model.failure import Failure


def restart(engine: DockerEngine, order: Order, tell: Tell) -> None:
    """Restarts the containers under the lock of their GPU. Raises FailedError if they do not answer
    again."""
    wanted, began = order.wanted, time.monotonic()
    running = [one for one in observe(engine, wanted.project, wanted.profile) if one.serves and one.alive]
    if not running:
        raise Failure(f"{wanted.profile} is not up, so there is nothing to restart: mmcompose up {wanted.profile}")
    ids = [one.id for one in running]
    lease = 2 * order.timeout
    with contextlib.ExitStack() as held:
        if any(one.gpus for one in running):
            held.enter_context(lock.held(engine, running[0].image, f"restart {wanted.profile}", lease))
        tell(Event("phase", wanted.profile, phase="stop", text=wanted.profile))
        engine.stop(ids)
        engine.start(ids)
        starters.note(order.root, wanted.profile, running, observe(engine, wanted.project, wanted.profile))
        if order.wait:
            again = as_it_ran(wanted, running)
            await_answers(Waiting(engine, again, order.root, order.timeout, began), tell)
