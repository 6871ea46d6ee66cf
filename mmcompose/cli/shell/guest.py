"""Brings a profile up for a visit: what was up stays as it is, and what was brought up goes again."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from mmcompose.cli.printing.output import fail, note
from mmcompose.cli.shell.bringing import written
from mmcompose.cli.shell.failing import docker, located
from mmcompose.model.failure import Failure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mmcompose.cli.shell.bringing import Here
    from mmcompose.core.read.overrides import Override
    from mmcompose.deploy.docker.engine import Engine, Files
    from mmcompose.deploy.docker.observe import Running
    from mmcompose.deploy.ready.events import Event

_SETTLED = 0.5
"""Seconds after which Docker has finished the work of an interrupted Compose."""


class Guest:
    """Created before anything changes; `hear` gets the events of the start."""

    def __init__(self, here: Here, name: str, values: Sequence[Override], *, rebuild: bool) -> None:
        """Refuses where what is up would become something else."""
        from mmcompose.deploy.start.own import Watched

        assert here.made.project is not None
        self._project, self._name = here.made.project.name, name
        with docker(name) as engine:
            before = self._there(engine)
            up = [one for one in before if one.alive and one.serves]
            if up:
                whole = len(up) == len(here.made.profiles[name].services)
                self._leave_alone(engine, up, written(here, name, values), rebuild=rebuild, whole=whole)
        self._watched, self._was_up = Watched(before), bool(up)

    def hear(self, event: Event) -> None:
        self._watched.hear(event)

    def leave(self) -> None:
        """Takes down what the visit brought up, twice after an interruption, which reaches Docker's program too."""
        try:
            self._remove()
        except Failure:
            self._remove()
        except KeyboardInterrupt:
            self._remove()
            raise

    def leave_at_any_rate(self) -> None:
        """Leaves on the way out of a failure, and lets that failure be the one that is reported."""
        try:
            self.leave()
        except Failure as failure:
            note(failure.message)
            note(located(f"what was started of {self._name} may still be there: mmcompose status shows it"))

    def _there(self, engine: Engine) -> list[Running]:
        from mmcompose.deploy.docker.observe import observe

        return observe(engine, self._project, self._name)

    def _leave_alone(
        self, engine: Engine, up: Sequence[Running], files: Files | None, *, rebuild: bool, whole: bool
    ) -> None:
        hashes = engine.hashes(files) if files is not None else {}
        for one in up:
            image = engine.image(one.image)
            if one.config_hash != hashes.get(one.compose_service):
                self._refuse("is up with other values")
            elif rebuild or (image is not None and image["Id"] != one.image_id):
                self._refuse("is up, and its image would become another one")
            elif one.compose_project != one.project and not whole:
                self._refuse(f"is up in part, started by {one.started_by}")

    def _refuse(self, why: str) -> None:
        name = self._name
        text = f"{name} {why}, and a test leaves what is up as it is: mmcompose down {name} first"
        fail(located(text), profile=name)

    def _remove(self) -> None:
        from mmcompose.deploy.docker.observe import deployments
        from mmcompose.deploy.start.down import sweep, take_down

        if self._watched.broken_off:
            time.sleep(_SETTLED)
        with docker(self._name) as engine:
            own = self._watched.own(self._there(engine))
            engine.stop([one.id for one in own.started])
            for one in deployments(own.made):
                take_down(engine, one)
            if self._watched.network:
                sweep(engine, self._project, self._name)
        if self._was_up:
            note(f"{self._name} was up before, and stays up")
        elif own.made or own.started:
            note(f"{self._name} is down")
