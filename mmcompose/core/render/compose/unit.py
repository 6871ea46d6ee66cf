"""The input of a template: one Unit per container, with every decision made and nothing left to compute.

Templates place values on the page; they hold no logic about engines, hosts or layers.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import NamedTuple

from mmcompose.core.render.arguments import Argument
from mmcompose.core.resolve import reasons
from mmcompose.core.check.rules.catalogue import titles
from mmcompose.model import Engine, Machine, Path, Service, Setting, dotted
from mmcompose.model.labels import HELD


class Port(NamedTuple):
    name: str
    inside: int
    outside: int


class Bind(NamedTuple):
    source: str
    target: str
    read_only: bool
    path: Path = ()
    """The setting behind the argument."""


class Volume(NamedTuple):
    key: str
    name: str
    target: str
    cache: str
    read_only: bool = False


class SecretFile(NamedTuple):
    key: str
    name: str
    file: str


class Beside(NamedTuple):
    """A service beside an engine that runs once and ends. `program` starts it; `arguments` are the preset, which a
    person may replace."""

    name: str
    image: str
    context: str
    program: list[str]
    arguments: list[Argument]
    env: Mapping[str, str]
    volumes: list[Volume]
    binds: list[Bind]
    secrets: list[SecretFile]
    labels: Mapping[str, str]
    user: str
    network: str
    service: Service
    """The values that shared parts of a template read of any service: networks, limits, log and memory as a folder."""
    kind: str = ""
    """Of a benchmark."""
    exports: str = ""
    ports: tuple[Port, ...] = ()

    def why(self, *_: str | int) -> None:
        """No reason: the values follow from the engine beside it, where their reasons stand."""

    @property
    def own(self) -> bool:
        """Whether it runs in an image of ours. A project's own copy of bench.yaml.j2 may read it."""
        return bool(self.context)


class Unit(NamedTuple):
    """One container of a profile, for its template."""

    name: str
    container: str
    network: str
    config_folder: str
    service: Service
    engine: Engine
    machine: Machine
    accelerator: str
    tree: Setting
    model: str
    """A repository, or the path of weights that lie on the host."""
    loads: str
    """What the engine loads: the same, or the path of a file in the store."""
    names: list[str]
    arguments: list[Argument]
    ports: list[Port]
    volumes: list[Volume]
    binds: list[Bind]
    secrets: list[SecretFile]
    token: SecretFile | None
    """The token of the hub, where only the service that fetches needs it."""
    env: Mapping[str, str]
    exports: str
    device_ids: list[str]
    devices: list[str]
    groups: list[str]
    labels: Mapping[str, str]
    owner: str
    """The first of them. A project's own templates may read it."""
    owners: Mapping[str, list[str]]
    """Who gets which fresh volumes before the engine starts."""
    build: Mapping[str, str]
    benches: list[Beside]
    fetch: Beside | None
    """The service that gets the weights before the engine starts."""
    reasons: Mapping[str, str]
    placed_reasons: set[str]
    """The names of the reasons that stand beside a line; `why` adds to them while a template renders the service."""

    @property
    def giving(self) -> str:
        """A command line that gives the fresh volumes to several users."""
        return "; ".join(shlex.join(["chown", user, *places]) for user, places in self.owners.items())

    @property
    def identity(self) -> Mapping[str, str]:
        """The labels of containers beside the engine, without those for the engine's resources."""
        return {name: value for name, value in self.labels.items() if name not in HELD}

    @property
    def containers(self) -> list[str]:
        """The names of its service and of those that run before it."""
        before = [self.fetch.name] if self.fetch else []
        return [self.name, *([f"own-{self.name}"] if self.owner else []), *before]

    @property
    def template(self) -> list[str]:
        """The names of its template; the first existing one renders it."""
        return [f"{name}/service.yaml.j2" for name in (self.engine.name, self.engine.template) if name]

    @property
    def shape(self) -> tuple[object, ...]:
        """The parts that a template writes for this unit, whatever their values."""
        service = self.service
        parts = (self.volumes, self.binds, self.secrets, self.env, self.ports, self.arguments, self.device_ids)
        more = (self.devices, self.groups, self.build, self.owner, self.exports, self.service.aliases, self.waivers, self.fetch)
        kinds = tuple(bench.kind for bench in self.benches)
        nouns = (service.health, service.security, service.logging)
        return (self.engine.name, self.accelerator, kinds, len(self.owners), *map(bool, parts), *map(bool, more), *nouns)

    @property
    def notes(self) -> str | None:
        return reasons.notes(self.service)

    def why(self, *path: str | int) -> str | None:
        """The reason of one value; notes that the template has placed it beside that value's line."""
        name = dotted(path)
        # further_reasons() lists what is left, so compose.yaml.j2 has to render the service before it calls that.
        self.placed_reasons.add(name)
        return self.reasons.get(name)

    def further_reasons(self) -> list[tuple[str, str]]:
        """The reasons without a line: those of values that have no line of their own."""
        return [(name, text) for name, text in self.reasons.items() if name not in self.placed_reasons]

    @property
    def waivers(self) -> list[str]:
        known = titles()
        return [f"waived {w.rule} ({known.get(w.rule, '')}) until {w.until}: {w.reason}" for w in self.service.waivers]
