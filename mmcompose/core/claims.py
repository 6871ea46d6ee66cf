"""Every service that is judged or wants something of its host, in an order that never depends on that of files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from mmcompose.core.typed import told_of
from mmcompose.model import Engine, Path, Problem, Profile, Project, Seat, Service, Setting, Severity, dotted

if TYPE_CHECKING:
    from mmcompose.core.view import Histories

Seats = dict[str, dict[str, Seat]]
Key = tuple[str, str]
"""A service among those of all profiles: the name of its profile, and its own."""


class Claim(NamedTuple):
    """One service of one profile, with all that is known of it."""

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
        """What is wrong at a path, told at the nearest line that somebody wrote; `at`: the line is that of another."""
        where = self.tree.nearest(path if at is None else at).place
        (told,) = told_of(self.profile.name, [Problem(where, dotted(path), message, hint, rule, severity)])
        return told


class Around(NamedTuple):
    """What a check may look at beside the service."""

    project: Project
    histories: Histories


def claims(profiles: Iterable[Profile]) -> Iterator[Claim]:
    for profile in sorted(profiles, key=lambda profile: profile.name):
        for name, service in profile.services.items():
            yield Claim(profile, name, service, profile.engines[name], profile.settings[name])
