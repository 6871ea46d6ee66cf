"""Opens the project and its store for the commands of models, and shows how a job gets on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mmcompose.cli.printing import streams
from mmcompose.cli.printing.output import note, report, say_event
from mmcompose.cli.printing.progress import RedrawnLine
from mmcompose.cli.shell.here import compiled, profile_or_fail, root
from mmcompose.core.sizes import spoken
from mmcompose.deploy.docker.engine import DockerEngine
from mmcompose.deploy.models import locks, requests, store
from mmcompose.model.failure import Failure

if TYPE_CHECKING:
    from mmcompose.deploy.models.requests import Needed
    from mmcompose.deploy.models.store import Store


class AtWork:
    """The project at hand, and Docker."""

    def __init__(self, folder: str) -> None:
        self.root, self.made = root(folder), compiled(folder)
        if self.made.project is None:
            report([p for p in self.made.problems if p.severity == "error"])
            raise Failure("the project has no settings", 2)
        self.engine = DockerEngine()
        self._ready: dict[str, Store] = {}

    def wanted(self, names: Sequence[str], *, every: bool = False) -> list[Needed]:
        """The needs of these names, or of all profiles. Raises Failure where a name means nothing."""
        if every == bool(names):
            raise Failure("name models or profiles, or write --all" if not names else "write names or --all", 2)
        if every:
            self.refuse_problems("the needs of all profiles are not known; name some, to leave the others out")
        for name in set(names) & self.made.documents.names("profile"):
            profile_or_fail(self.made, name)
        return requests.of_profiles(self.made) if every else requests.of_names(self.made, names)

    def refuse_problems(self, why: str) -> None:
        """Refuses to judge by profiles of which some could not be read."""
        if broken := [problem for problem in self.made.problems if problem.severity == "error"]:
            report(broken)
            raise Failure(f"mend the problems first: {why}", 2)

    def store(self, wanted: Needed | None = None) -> Store:
        """The store of the host that wants something; else that of the project's own host."""
        machine = (wanted.machine if wanted else None) or requests.machine(self.made)
        made = store.of(self.root, self.made, machine)
        if made.source not in self._ready:
            store.ready(self.engine, made)
            self._ready[made.source] = made
        return made

    def token(self, wanted: Needed) -> Path | None:
        """The file of the hub's token, which a gated model needs."""
        if not wanted.token:
            return None
        place = self.root / wanted.token
        if not place.is_file():
            page = f"https://huggingface.co/{wanted.repository}"
            message = f"{wanted.token} is not here, and {wanted.name} needs a token of the hub"
            raise Failure(f"{message}: accept the terms at {page}, and write a token into that file", 2)
        return place

    def hashes(self, wanted: Needed) -> Path | None:
        return locks.hashes(self.root, wanted.model)

    def caches(self, wanted: Needed) -> list[str]:
        """The volumes of engines that exist here and may hold what is wanted."""
        there = set(self.engine.volumes())
        return [name for name in wanted.caches if name in there]


class ModelJob(RedrawnLine):
    """Shows the events of one job: a bar on a terminal, plain lines elsewhere, or JSON."""

    def __init__(self, name: str, style: str) -> None:
        super().__init__(style == "text" and streams.moving(err=True))
        self._name, self._style, self._next = name, style, 0

    def show(self, event: Mapping[str, Any]) -> None:
        if self._style == "json":
            say_event({**event, "model": self._name})
        elif event.get("event") == "progress" and self._live:
            self._over(f"{self._name}: {_progress(event)}")
        elif event.get("event") == "progress":
            if event["bytes"] >= self._next:
                self._next = event["bytes"] + event["total"] // 20
                note(f"{self._name}: {_progress(event)}")
        elif text := str(event.get("text") or ""):
            self.end()
            note(f"{self._name}: {text}")


def shown(events: Iterable[Mapping[str, Any]], style: str, name: str) -> dict[str, Any]:
    """Shows the events of one job, and returns the last one."""
    job, last = ModelJob(name, style), dict[str, Any]()
    for event in events:
        job.show(event)
        last = dict(event)
    job.end()
    return last


def _progress(event: Mapping[str, Any]) -> str:
    left = f", {event['eta']} s left" if event.get("eta") is not None else ""
    return f"{spoken(event['bytes'])} of {spoken(event['total'])}, {spoken(event['rate'])}/s{left}"
