"""Lists every service that checks judge or that hosts run, in an order independent of files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from mmcompose.core.read.typed import for_profile
from mmcompose.core.world import NOWHERE, World
from mmcompose.model import Engine, Origin, Path, Problem, Profile, Project, Seat, Service, Setting, Severity, dotted

if TYPE_CHECKING:
    from mmcompose.engines.flags.history import Histories

Seats = dict[str, dict[str, Seat]]
Key = tuple[str, str]
"""Names a service among those of all profiles: its profile's name, and its own."""


class Subject(NamedTuple):
    """One service of one profile, with everything that is known about it."""

    profile: Profile
    name: str
    service: Service
    engine: Engine
    tree: Setting

    @property
    def key(self) -> Key:
        return self.profile.name, self.name

    def problem(
        self,
        path: Path,
        message: str,
        hint: str = "",
        rule: str = "",
        severity: Severity = "error",
        *,
        at: Path | None = None,
    ) -> Problem:
        """Reports a fault of one path, at the nearest line that somebody wrote; `at`: take the line of another path."""
        where = self.tree.nearest(path if at is None else at).place
        (problem,) = for_profile(self.profile.name, [Problem(where, dotted(path), message, hint, rule, severity)])
        return problem

    def of_host(self, path: Path, hosts: Mapping[str, Setting]) -> Origin | None:
        """The line of the host file for a path below `machine`; None for a path of the service."""
        tree = hosts.get(self.profile.host.name)
        return tree.nearest(path).place if tree is not None and path[:1] == ("machine",) else None


Breach = tuple[Path, str, str]
"""The path of the value at fault, what is wrong, and what to do."""


class Around(NamedTuple):
    """The values besides the service that a check may read: `hosts` are the files of the machines, by name."""

    project: Project
    histories: Histories
    world: World = NOWHERE
    hosts: Mapping[str, Setting] = MappingProxyType({})
    templated: frozenset[str] = frozenset()
    """Engines that render with the project's own templates; only rendering shows which waivers they need."""


def subjects(profiles: Iterable[Profile]) -> Iterator[Subject]:
    for profile in sorted(profiles, key=lambda profile: profile.name):
        for name, service in profile.services.items():
            yield Subject(profile, name, service, profile.engines[name], profile.settings[name])
