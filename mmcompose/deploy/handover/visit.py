"""Brings profiles up for a while: profiles that were up before stay up, and the others go down again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress

from mmcompose.core.plain import visible
from mmcompose.deploy.docker.engine import DockerEngine, EngineError, Files
from mmcompose.deploy.docker.observe import Running, deployments, observe
from mmcompose.deploy.handover.failures import refused
from mmcompose.deploy.handover.switch import Bringing
from mmcompose.deploy.interruption import terminable
from mmcompose.deploy.ready import keys
from mmcompose.deploy.ready.awaited import TAIL
from mmcompose.deploy.start import aside
from mmcompose.deploy.start.down import sweep, take_down
from mmcompose.deploy.start.order import Order, Tell
from mmcompose.deploy.start.own import Own, Watched
from mmcompose.model import Stack
from mmcompose.model.failure import Failure

Note = Callable[[str], None]

_SETTLED = 0.5
"""Seconds after which Docker has finished the work of an interrupted Compose."""


@contextmanager
def visiting(engine: DockerEngine, project: str, note: Note, *, stays: bool = False) -> Iterator[Visit]:
    """Runs a block, and leaves after any end of it: a failure, an interruption, SIGTERM. With `stays` it only names the
    profiles that it started."""
    with terminable():
        visit = Visit(engine, project, note)
        try:
            yield visit
        except BaseException:
            if not stays:
                visit.leave_at_any_rate()
            visit.compare()
            raise
        if not stays:
            visit.leave()
        visit.compare()


class Visit:
    """One visit, created before anything changes; `note` gets the sentences about profiles that stay and go."""

    def __init__(self, engine: DockerEngine, project: str, note: Note) -> None:
        self.engine, self.project, self.note = engine, project, note
        self._before = observe(engine, project)
        self._watched: dict[str, Watched] = {}
        self._owned: set[str] = set()
        self._left: set[str] = set()

    def bring(self, stack: Stack, order: Order, tell: Tell, *, take: bool = False) -> None:
        """Brings one profile up, and remembers its containers."""
        watched = self._watched.setdefault(order.wanted.profile, Watched(self.before(order.wanted.profile)))
        Bringing(self.engine, stack, order, watched.passing_on(tell), take).run()

    def own(self, name: str) -> None:
        """From now on the whole profile goes at the end, whoever started it."""
        self._before = [one for one in self._before if one.profile != name]
        self._owned.add(name)

    def disown(self, name: str) -> None:
        """Leaves a profile as somebody else has left it meanwhile."""
        self._watched.pop(name, None)

    def before(self, name: str) -> list[Running]:
        return [one for one in self._before if one.profile == name]

    def refuse_to_change(self, name: str, services: int, files: Files | None, *, rebuild: bool) -> None:
        """Refuses if a start from these files would change engines that are up."""
        up = _serving(self.before(name))
        hashes = self.engine.hashes(files) if up and files is not None else {}
        for one in up:
            image, why = self.engine.image(one.image), ""
            if one.config_hash != hashes.get(one.compose_service):
                why = "is up with other values"
            elif rebuild or (image is not None and image["Id"] != one.image_id):
                why = "is up, and would get another image"
            elif one.compose_project != one.project and len(up) != services:
                why = f"is up in part, started by {one.started_by}"
            if why:
                text = f"{name} {why}, and a test leaves what is up as it is: mmcompose down {name} first"
                raise Failure(text, profile=name)

    def keep_logs(self, order: Order) -> str:
        """Keeps a copy of its engines' logs; returns the hint that names it, empty if none can be written."""
        hide = keys.hiding(order.root, order.wanted.secrets)
        try:
            found = [one for one in observe(self.engine, self.project, order.wanted.profile) if one.serves]
            lines = [hide(line) for one in found for line in self.engine.logs(one.id, tail=TAIL)]
            kept = aside.keep_log(order.root, order.wanted.profile, map(visible, lines))
        except (EngineError, OSError):
            return ""
        return f"read {kept.relative_to(order.root)}"

    def leave(self) -> None:
        """Takes its profiles down, twice after an interruption, which reaches Docker's program too."""
        try:
            self._remove()
        except EngineError:
            self._remove()
        except KeyboardInterrupt:
            self._remove()
            raise

    def leave_at_any_rate(self) -> None:
        """Leaves on the way out of a failure, and lets that failure be reported."""
        try:
            self.leave()
        except EngineError as error:
            names = " and ".join(self._watched)
            self.note(refused(error, names).message)
            self.note(f"what was started of {names} may still be there: mmcompose status shows it")

    def compare(self) -> None:
        """Names the profiles that differ from before. It never hides the end of the visit itself."""
        if not self._watched:
            return
        with suppress(EngineError):
            before, after = _up(self._before), _up(observe(self.engine, self.project))
            for name in sorted({*before, *self._watched}):
                if name in after and name not in before:
                    self.note(f"{name} stays up; `mmcompose down {name}` ends it")
                elif name in before and name not in after:
                    self.note(f"{name} was up before and is not now: `mmcompose up {name}` brings it back")
                elif name in before and after[name] != before[name]:
                    changed = f"{name} was up before and runs with other values now"
                    self.note(f"{changed}: `mmcompose up {name}` brings its own back")
                elif name in self._left and name in before:
                    self.note(f"{name} was up before, and stays up")

    def _remove(self) -> None:
        if any(watched.broken_off for watched in self._watched.values()):
            time.sleep(_SETTLED)
        for name, watched in self._watched.items():
            now = observe(self.engine, self.project, name)
            own = watched.own(now) if name not in self._owned else Own(tuple(now), ())
            before = self.before(name)
            # New containers in place of those that were up are no more ours to end.
            replaced = {one.compose_service for one in before} if _serving(before) else set()
            self.engine.stop([one.id for one in own.started])
            for one in deployments(each for each in own.made if each.compose_service not in replaced):
                take_down(self.engine, one)
            if watched.network:
                sweep(self.engine, self.project, name)
            if not _serving(before) and (own.made or own.started):
                self.note(f"{name} is down")
            self._left.add(name)


def _serving(containers: Sequence[Running]) -> list[Running]:
    return [one for one in containers if one.alive and one.serves]


def _up(containers: Sequence[Running]) -> dict[str, frozenset[tuple[str, str]]]:
    """By profile: its running engines, and the hash of the values from which Compose made each."""
    found: dict[str, set[tuple[str, str]]] = {}
    for one in _serving(containers):
        found.setdefault(one.profile, set()).add((one.service, one.config_hash))
    return {name: frozenset(engines) for name, engines in found.items()}
