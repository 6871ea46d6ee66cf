"""Brings one profile up for a measurement, and takes it down whatever happens."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from mmcompose.deploy.docker.engine import DockerEngine, EngineError
from mmcompose.deploy.docker.observe import Running, observe
from mmcompose.deploy.handover.failures import known
from mmcompose.deploy.handover.switch import RolledBackError
from mmcompose.deploy.handover.visit import Visit
from mmcompose.deploy.ready.events import Event
from mmcompose.deploy.ready.wait import FailedError
from mmcompose.deploy.start.bring_up import fetch
from mmcompose.deploy.start.order import Order
from mmcompose.model import Stack
from mmcompose.model.failure import Failure

LOG_LINES = 5000


class NotMeasuredError(Exception):
    """Reports why there is no figure. `refused`: nothing was tried, since another profile would have had to go."""

    def __init__(self, error: str, *, refused: bool = False) -> None:
        super().__init__(error)
        self.error, self.refused = error, refused


def is_up(name: str) -> str:
    return f"{name} is up, and a load is measured from nothing: mmcompose down {name}"


@dataclass
class Stay:
    """One stay. `phases` are seconds since the creation of the containers began, by phase; the last service's count."""

    engine: DockerEngine
    stack: Stack
    order: Order
    tell: Callable[[Event], None]
    began: float | None = None
    ready: float | None = None
    phases: dict[str, float] = field(default_factory=dict)
    containers: list[Running] = field(default_factory=list)
    seen: dict[str, tuple[dict[str, Any], dict[str, Any] | None]] = field(default_factory=dict)
    """By service: the answer of `docker inspect` about its container and its image."""
    log: dict[str, list[str]] = field(default_factory=dict)
    stopped: dict[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.order.wanted.profile

    @property
    def ids(self) -> set[str]:
        """The containers of its engines, also after they are gone."""
        return {one.id for one in self.containers}

    @property
    def answered(self) -> float | None:
        """The moment of the first token; for an engine without a question, that of its health."""
        token = self.phases.get("token")
        return self.ready if token is None or self.began is None else self.began + token

    def prepare(self) -> None:
        """Gets the image, which takes long and is no load, and checks that the profile may be measured at all."""
        if any(one.alive for one in self._found()):
            raise NotMeasuredError(is_up(self.name), refused=True)
        with _explained(self.name):
            fetch(self.engine, self.order, self.tell)

    @contextmanager
    def up(self) -> Iterator[None]:
        """Brings the profile up for the block and takes it down after it; keeps the output of its engines."""
        with _explained(self.name):
            visit = Visit(self.engine, self.order.wanted.project, self._note)
        try:
            with _explained(self.name):
                visit.bring(self.stack, self.order, self._hear)
                self.ready = time.monotonic()
                self.containers = [one for one in self._found() if one.serves]
                for one in self.containers:
                    answers = self.engine.inspect([one.id])
                    self.seen[one.service] = answers[0] if answers else {}, self.engine.image(one.image_id)
            yield
        finally:
            # What ended the measurement matters more than what goes wrong from here on.
            with contextlib.suppress(EngineError):
                self._stop()
            visit.leave_at_any_rate()

    def _stop(self) -> None:
        """Reads the logs before the containers go."""
        found = self._found()
        self.containers = [one for one in found if one.serves] or self.containers
        for one in self.containers:
            with contextlib.suppress(EngineError):
                self.log[one.service] = list(self.engine.logs(one.id, tail=LOG_LINES))
        alive = [one.id for one in found if one.alive]
        began = time.monotonic()
        self.engine.stop(alive)
        if alive:
            took = time.monotonic() - began
            # 137 is a kill after the whole grace period, which makes an unload look slow.
            codes = {one.service: one.exit_code for one in self._found() if one.id in alive and one.serves}
            self.stopped = {"stop_s": took, "exit_codes": codes}

    def _found(self) -> list[Running]:
        wanted = self.order.wanted
        return observe(self.engine, wanted.project, wanted.profile)

    def _note(self, text: str) -> None:
        self.tell(Event("note", self.name, text=text))

    def _hear(self, event: Event) -> None:
        now = time.monotonic()
        if event.kind == "phase" and event.phase == "create":
            self.began = now
        elif event.kind == "reached" and self.began is not None:
            self.phases[event.phase] = now - self.began
        self.tell(event)


@contextmanager
def _explained(profile: str) -> Iterator[None]:
    """Turns the failures of a start into NotMeasuredError, in full."""
    try:
        yield
    except Failure as refused:
        raise NotMeasuredError(refused.message, refused=True) from refused
    except (FailedError, RolledBackError) as ended:
        failed = known(ended, profile)
        log = "\n".join(failed.log)
        raise NotMeasuredError(f"{failed.cause.line}\n{log}" if log else failed.cause.line) from ended
    except EngineError as error:
        raise NotMeasuredError(error.message) from error
