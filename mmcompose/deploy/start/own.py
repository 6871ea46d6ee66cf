"""Finds which containers this start made itself, where others may bring up the same profile at the same time.

Compose tells of each container what it does with it. Of two that create the same one, one is refused its name, and then
takes what is there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from mmcompose.deploy.docker.observe import Running
    from mmcompose.deploy.ready.events import Event

_REPORT = re.compile(r"^\s*Container (?P<name>\S+)\s+(?P<what>\w+)")
_NETWORK = re.compile(r"^\s*Network \S+\s+Creat")
_TAKEN = re.compile(r"name \\?\"/?(?P<name>[^\s\"\\]+)\\?\" is already in use")
_MADE = ("Creating", "Created", "Recreate", "Recreated")


class Own(NamedTuple):
    """What this run made, and what was there, stopped, and was started by it."""

    made: tuple[Running, ...]
    started: tuple[Running, ...]


@dataclass
class Watched:
    """Reads the events of a start. `before` is what existed of the profile when it began."""

    before: Iterable[Running]
    _network: bool = False
    _begun: bool = False
    _through: bool = False
    _reported: set[str] = field(default_factory=set)
    _made: set[str] = field(default_factory=set)

    def hear(self, event: Event) -> None:
        if event.phase == "create":
            self._begun, self._through = True, event.kind == "reached"
        if event.kind != "line" or not self._begun:
            return
        self._network = self._network or bool(_NETWORK.match(event.text))
        if taken := _TAKEN.search(event.text):
            self._reported.add(taken["name"])
            self._made.discard(taken["name"])
        elif report := _REPORT.match(event.text):
            self._reported.add(report["name"])
            if report["what"] in _MADE:
                self._made.add(report["name"])

    @property
    def broken_off(self) -> bool:
        """Whether Docker may still be finishing what Compose began."""
        return self._begun and not self._through

    @property
    def network(self) -> bool:
        """Whether it made the profile's network, or may have."""
        return self._network or self.broken_off

    def own(self, now: Iterable[Running]) -> Own:
        if not self._begun:
            return Own((), ())
        alive = {one.id: one.alive for one in self.before}
        found = list(now)
        made = tuple(one for one in found if one.id not in alive and self._ours(one.name))
        started = tuple(one for one in found if one.alive and not alive.get(one.id, True))
        return Own(made, started)

    def _ours(self, name: str) -> bool:
        """Counts new containers as ours where Compose may have made them unreported: broken off, or in other terms."""
        return name in self._made or (name not in self._reported and not (self._through and self._reported))
