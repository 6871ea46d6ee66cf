"""Engines, machines, resolved profiles, and the ports and GPUs that they get."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from mmcompose.model.doubt import Doubt
from mmcompose.model.origin import Origin, Setting
from mmcompose.model.service import NONE, Service
from mmcompose.model.targets import COMPOSE, TARGETS


class Probe(NamedTuple):
    """How to ask an engine whether it answers: the paths of its HTTP interface, and the first real request."""

    kind: str = "none"
    path: str | None = None
    health: str | None = None
    models: str | None = None
    model_state: str | None = None
    secret: str | None = None
    key_env: str | None = None


class Supply(NamedTuple):
    """How an engine reads weights from the store: as a cache of the hub, or as plain `files`.

    `python` runs the program that fetches in the engine's own image, where that has the hub's library. `env` points the
    engine at the store. `more` are arguments that may name further repositories. A profile that sets one of `unless`
    has a place of its own for weights.
    """

    layout: str = "hub"
    python: str | None = None
    former: str | None = None
    """The cache into which the engine itself fetched, before there was a store."""
    env: Mapping[str, str] = NONE
    exclude: tuple[str, ...] = ()
    more: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()


class Engine(NamedTuple):
    """The facts of an engine in its backend file, without the settings that this file gives to every service."""

    name: str
    title: str
    history: str | None = None
    formats: tuple[str, ...] = ()
    default_for: tuple[str, ...] = ()
    accelerators: tuple[str, ...] = ()
    rendered_args: tuple[str, ...] = ()
    fixed_name: bool = False
    own_image: str | None = None
    configs: str | None = None
    template: str | None = None
    """The engine whose template renders this one, if it has none of its own."""
    probe: Probe = Probe()
    supply: Supply | None = None
    """None: it fetches weights itself."""


class Card(NamedTuple):
    """One GPU of a host."""

    name: str
    vram: str
    uuid: str | None = None
    compute: str | None = None
    desktop: bool = False


class Machine(NamedTuple):
    """A host as its file describes it. Rendering never looks at a real machine."""

    name: str
    accelerator: str
    memory: str
    cores: int
    uid: int
    gid: int
    gpus: tuple[Card, ...] = ()
    groups: Mapping[str, int] = NONE
    devices: tuple[str, ...] = ()
    roots: tuple[str, ...] = ()
    ports: str | None = None
    toolkit: str = "nvidia"
    models: str | None = None
    """The folder of the store of weights; none: a volume of the project."""
    hub: str | None = None
    """The address of a mirror of the model hub."""

    def accelerator_for(self, gpus: int) -> str:
        """The accelerator that a service uses: the host's, or the CPU for a service that claims no GPU."""
        return self.accelerator if gpus else "cpu"


class Envelope(NamedTuple):
    """The measured limits of a profile, and what they were measured on. `mmcompose bench promote` writes it; nothing
    inherits it."""

    origin: Origin
    kind: str
    image: str
    service: str | None = None
    digest: str | None = None
    gpu: str | None = None
    stable_to: int | None = None
    knee: int | None = None
    throughput: float | None = None
    unit: str | None = None
    run: str | None = None
    measured: str | None = None


class RunsOn(NamedTuple):
    """The requirements of a profile on its machine, and the line where they are written."""

    origin: Origin
    accelerator: tuple[str, ...] = ()
    gpus: int | None = None
    vram: str | None = None
    memory: str | None = None


class Profile(NamedTuple):
    """One resolved deployment. `settings` is the same data with the history of each value, by service name."""

    name: str
    file: str
    lineage: tuple[str, ...]
    host: Machine
    services: Mapping[str, Service]
    engines: Mapping[str, Engine]
    settings: Mapping[str, Setting]
    description: str | None = None
    envelope: Envelope | None = None
    doubts: Mapping[str, Doubt] = NONE
    """By service. A profile with doubts is judged, but never placed, rendered or started."""
    runs_on: RunsOn | None = None
    also_called: tuple[Setting, ...] = ()
    """More names under which a person can start the profile."""

    @property
    def names(self) -> tuple[str, ...]:
        return (self.name, *(str(each.value) for each in self.also_called))

    def compose_name(self, service: str) -> str:
        """Services are prefixed by their profile, for one Compose project holds them all."""
        return self.name if service == self.name else f"{self.name}-{service}"


class Allowed(NamedTuple):
    """One path or pattern that mmcompose.yaml allows, and the reason."""

    path: str
    reason: str
    origin: Origin


class Project(NamedTuple):
    """mmcompose.yaml: the settings that all profiles share."""

    name: str
    bind: str
    ports: str
    host: str
    allow_links: tuple[Allowed, ...] = ()
    allow_files: tuple[Allowed, ...] = ()
    short_names: tuple[Setting, ...] = ()
    targets: tuple[Setting, ...] = ()
    """What it is rendered to beside Compose, from whose files everything starts."""

    @property
    def rendered_to(self) -> tuple[str, ...]:
        """Every target, in the order of their table; another check reports names that it lacks."""
        names = {COMPOSE.name, *(entry.value for entry in self.targets)}
        return tuple(name for name in TARGETS if name in names)

    def docker_name(self, name: str) -> str:
        """The name of a container or volume in Docker, where several projects may share one engine."""
        return f"{self.name}-{name}"


class Seat(NamedTuple):
    """The ports of one service on its host, by name, and its GPUs, by index."""

    ports: Mapping[str, int] = NONE
    gpus: tuple[int, ...] = ()


class Stack(NamedTuple):
    """All profiles on their hosts."""

    project: Project
    profiles: Mapping[str, Profile]
    seats: Mapping[str, Mapping[str, Seat]]
