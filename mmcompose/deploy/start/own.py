"""Finds the containers that this start made itself, while others may start the same profile.

Compose reports its action on each container. Of two starts that create the same one, Docker refuses one the name, and
that start then uses the existing container.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from mmcompose.deploy.docker.observe import Running
from mmcompose.deploy.ready.events import Event
from mmcompose.deploy.start.order import Tell

_REPORT = re.compile(r"^\s*Container (?P<name>\S+)\s+(?P<what>\w+)")
_NETWORK = re.compile(r"^\s*Network \S+\s+Creat")
_TAKEN = re.compile(r"name \\?\"/?(?P<name>[^\s\"\\]+)\\?\" is already in use")
_MADE = ("Creating", "Created", "Recreate", "Recreated")


class Own(NamedTuple):
    """The containers that this start made, and those that existed, stopped, and were started by it."""

    made: tuple[Running, ...]
    started: tuple[Running, ...]


@dataclass
class Watched:
    """Reads the events of a start. `before` are the profile's containers from before it began."""

    before: Iterable[Running]
    _network: bool = False
    _begun: bool = False
    _through: bool = False
    _reported: set[str] = field(default_factory=set)
    _made: set[str] = field(default_factory=set)

    def passing_on(self, tell: Tell) -> Tell:
        """A receiver of events that reads each one here, and then tells it."""

        def receive(event: Event) -> None:
            self.hear(event)
            tell(event)

        return receive

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
        """Whether Docker may still be finishing a step that Compose began."""
        return self._begun and not self._through

    @property
    def network(self) -> bool:
        """Whether this start made the profile's network, or may have."""
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
        """Adds new containers that Compose may have made without a report: it was broken off, or used other terms."""
        return name in self._made or (name not in self._reported and not (self._through and self._reported))
