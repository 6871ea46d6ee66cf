"""Opens the project and its store for the commands of models."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mmcompose.cli.models.job import shown
from mmcompose.cli.printing.output import report
from mmcompose.cli.shell.here import compiled, profile_or_fail, root
from mmcompose.deploy.docker.engine import DockerEngine
from mmcompose.deploy.models import locks, needs, store
from mmcompose.model.failure import Failure

if TYPE_CHECKING:
    from mmcompose.deploy.models.needs import Needed
    from mmcompose.deploy.models.store import Store


class ModelsAtHand:
    """The project, its models, and Docker."""

    def __init__(self, folder: str) -> None:
        self.root, self.made = root(folder), compiled(folder)
        if self.made.project is None:
            report([p for p in self.made.problems if p.severity == "error"])
            raise Failure("the project has no settings", 2)
        self.engine = DockerEngine()
        self._ready: dict[str, Store] = {}

    def needs(self, names: Sequence[str], *, every: bool = False) -> list[Needed]:
        """The needs of these names, or of all profiles. Raises Failure where a name means nothing."""
        if every == bool(names):
            raise Failure("name models or profiles, or write --all" if not names else "write names or --all", 2)
        if every:
            self.refuse_problems("the needs of all profiles are not known; name some, to leave the others out")
        for name in set(names) & self.made.documents.names("profile"):
            profile_or_fail(self.made, name)
        return needs.of_profiles(self.made) if every else needs.of_names(self.made, names)

    def refuse_problems(self, why: str) -> None:
        """Refuses to judge by profiles of which some could not be read."""
        if broken := [problem for problem in self.made.problems if problem.severity == "error"]:
            report(broken)
            raise Failure(f"mend the problems first: {why}", 2)

    def store(self, needed: Needed | None = None) -> Store:
        """The store of the host whose profiles need something; else that of the project's own host."""
        machine = (needed.machine if needed else None) or needs.machine(self.made)
        made = store.of(self.root, self.made, machine)
        if made.source not in self._ready:
            store.ready(self.engine, made)
            self._ready[made.source] = made
        return made

    def token(self, needed: Needed) -> Path | None:
        """The file of the hub's token, which a gated model needs."""
        if not needed.token:
            return None
        place = self.root / needed.token
        if not place.is_file():
            page = f"https://huggingface.co/{needed.repository}"
            message = f"{needed.token} is not here, and {needed.name} needs a token of the hub"
            raise Failure(f"{message}: accept the terms at {page}, and write a token into that file", 2)
        return place

    def hashes(self, needed: Needed) -> Path | None:
        return locks.hashes(self.root, needed.model)

    def caches(self, needed: Needed) -> list[str]:
        """The volumes of engines that exist here and may hold what is needed."""
        there = set(self.engine.volumes())
        return [name for name in needed.caches if name in there]

    def run(self, needed: Needed, verb: str, style: str, options: Sequence[str] = (), **more: Any) -> dict[str, Any]:
        """Runs one job on the store, held against the model's lock; shows its events, and returns the last one."""
        given = (*needed.options, *options)
        events = store.run(self.engine, self.store(needed), verb, given, hashes=self.hashes(needed), **more)
        return shown(events, style, needed.name)
