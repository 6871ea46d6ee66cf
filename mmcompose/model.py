"""The nouns that the stages pass to one another. This file imports nothing of ours.

A value keeps its history from the line where it was written (`Origin`) through the layers that overrode it (`Setting`)
to the typed, frozen `Profile` that the renderer reads.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

Scalar = str | int | float | bool | None
Path = tuple[str | int, ...]
Severity = Literal["error", "warning"]
Accelerator = Literal["nvidia", "amd", "intel", "cpu"]


class Origin(NamedTuple):
    """Where a value was written. `file` is relative to the project, or the name of an option such as `--set`."""

    layer: str
    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        if not self.line:
            return self.file
        return f"{self.file}:{self.line}:{self.column}"


class Problem(NamedTuple):
    """One thing that is wrong: where, in what, and what to do about it."""

    origin: Origin | None
    path: str
    message: str
    hint: str = ""
    rule: str = ""
    severity: Severity = "error"

    def __str__(self) -> str:
        where = f"{self.origin}: " if self.origin else ""
        what = f"{self.path}: " if self.path else ""
        hint = f" ({self.hint})" if self.hint else ""
        kind = "warning: " if self.severity == "warning" else ""
        return f"{where}{kind}{what}{self.message}{hint}"


class Setting(NamedTuple):
    """A value, where it stands, where its key stands, and the settings that it overrode, nearest first."""

    value: Any  # Scalar, dict[str, Setting] or tuple[Setting, ...]
    origin: Origin
    key: Origin | None = None
    overrode: tuple[Setting, ...] = ()

    @property
    def place(self) -> Origin:
        """What an editor should jump to: the key when there is one."""
        return self.key or self.origin

    def at(self, path: Path) -> Setting | None:
        here: Setting | None = self
        for part in path:
            value = here.value if here else None
            if isinstance(value, dict):
                here = value.get(part)
            elif isinstance(value, tuple) and isinstance(part, int) and part < len(value):
                here = value[part]
            else:
                return None
        return here

    def nearest(self, path: Path) -> Setting:
        """The setting at `path`, or the deepest one above it that exists."""
        for length in range(len(path), -1, -1):
            found = self.at(path[:length])
            if found is not None:
                return found
        return self

    def leaves(self, path: Path = ()) -> Iterator[tuple[Path, Setting]]:
        if isinstance(self.value, dict):
            for name, child in self.value.items():
                yield from child.leaves((*path, name))
        else:
            yield path, self

    def plain(self) -> Any:
        """The bare data. A null in a mapping removes what was inherited, so it is not there at all."""
        value = self.value
        if isinstance(value, dict):
            return {name: child.plain() for name, child in value.items() if child.value is not None}
        if isinstance(value, tuple):
            return [child.plain() for child in value]
        return value


class Layer(NamedTuple):
    """One file's data. Layers are folded in the order in which they stand in a list, later over earlier."""

    name: str
    file: str
    root: Setting


@dataclass(frozen=True, slots=True)
class Weights:
    """What the engine loads: a hub repository at a revision, or a path on the host."""

    repo: str | None = None
    revision: str | None = None
    file: str | None = None
    path: str | None = None
    format: str | None = None


@dataclass(frozen=True, slots=True)
class Build:
    """How an image is built by Compose: a context pinned to a version, or a folder of ours."""

    context: str | None = None
    dockerfile: str | None = None
    target: str | None = None
    args: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Gpu:
    """A claim on GPUs of the host. `devices` pins indices; otherwise they are placed."""

    count: int = 0
    share: str = "exclusive"
    vram: str | None = None
    devices: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Health:
    """When the engine is ready, as Docker asks it."""

    test: tuple[str, ...] = ()
    interval: str | None = None
    timeout: str | None = None
    retries: int | None = None
    start_period: str | None = None


@dataclass(frozen=True, slots=True)
class Resources:
    memory: str | None = None
    cpus: float | None = None
    pids: int | None = None
    shm_size: str | None = None
    ulimits: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Security:
    user: str | None = None
    read_only: bool | None = None
    cap_drop: tuple[str, ...] = ()
    cap_add: tuple[str, ...] = ()
    no_new_privileges: bool | None = None
    seccomp: str | None = None
    ipc: str | None = None
    network: str | None = None
    privileged: bool | None = None


@dataclass(frozen=True, slots=True)
class Secret:
    """A file on the host. The engine reads its path from `path_env`, or its content from `value_env`."""

    file: str
    path_env: str | None = None
    value_env: str | None = None


@dataclass(frozen=True, slots=True)
class Mount:
    source: str
    target: str
    read_only: bool = True


@dataclass(frozen=True, slots=True)
class Logging:
    max_size: str | None = None
    max_file: int | None = None


@dataclass(frozen=True, slots=True)
class Waiver:
    """A relaxation of one rule, with its reason and the date on which it must be judged again."""

    rule: str
    reason: str
    until: str


@dataclass(frozen=True, slots=True)
class Service:
    """One container of a profile, resolved. The field names are the keys that people write."""

    description: str | None = None
    model: str | None = None
    backend: str | None = None
    version: str | None = None
    engine_version: str | None = None
    image: str | None = None
    images: Mapping[str, str] = field(default_factory=dict)
    image_type: str | None = None
    build: Build = field(default_factory=Build)
    builds: Mapping[str, Build] = field(default_factory=dict)
    weights: Weights = field(default_factory=Weights)
    served_name: str | None = None
    args: Mapping[str, Any] = field(default_factory=dict)
    env: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, Secret] = field(default_factory=dict)
    caches: Mapping[str, str] = field(default_factory=dict)
    tmpfs: Mapping[str, str] = field(default_factory=dict)
    mounts: tuple[Mount, ...] = ()
    gpu: Gpu = field(default_factory=Gpu)
    listen: Mapping[str, int] = field(default_factory=dict)
    ports: Mapping[str, int | str] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()
    health: Health = field(default_factory=Health)
    resources: Resources = field(default_factory=Resources)
    security: Security = field(default_factory=Security)
    restart: str | None = None
    stop_grace_period: str | None = None
    logging: Logging = field(default_factory=Logging)
    bench: tuple[str, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    why: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Probe:
    """How one asks an engine whether it answers: paths of its HTTP interface, and the kind of the first real request."""

    kind: str = "none"
    path: str | None = None
    health: str | None = None
    models: str | None = None
    model_state: str | None = None
    secret: str | None = None


@dataclass(frozen=True, slots=True)
class Engine:
    """What a backend file says of its engine beside the settings that it gives every service."""

    name: str
    title: str
    history: str | None = None
    formats: tuple[str, ...] = ()
    accelerators: tuple[str, ...] = ()
    rendered_args: tuple[str, ...] = ()
    image_user: str = "0:0"
    probe: Probe = field(default_factory=Probe)


@dataclass(frozen=True, slots=True)
class Card:
    """One GPU of a host."""

    name: str
    vram: str
    uuid: str | None = None


@dataclass(frozen=True, slots=True)
class Machine:
    """A host, as its file describes it. Nothing about a machine is ever detected while rendering."""

    name: str
    accelerator: str
    memory: str
    cores: int
    uid: int
    gid: int
    gpus: tuple[Card, ...] = ()
    groups: Mapping[str, int] = field(default_factory=dict)
    devices: tuple[str, ...] = ()
    ports: str | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """One resolved deployment. `settings` is the same data with the history of each value, by service name."""

    name: str
    file: str
    lineage: tuple[str, ...]
    host: Machine
    services: Mapping[str, Service]
    engines: Mapping[str, Engine]
    settings: Mapping[str, Setting]
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Project:
    """mmcompose.yaml: what all profiles share."""

    name: str
    bind: str
    ports: str
    host: str


@dataclass(frozen=True, slots=True)
class Seat:
    """Where one service sits on its host: published ports by name, GPUs by index."""

    ports: Mapping[str, int] = field(default_factory=dict)
    gpus: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Stack:
    """All profiles on their hosts."""

    project: Project
    profiles: Mapping[str, Profile]
    seats: Mapping[str, Mapping[str, Seat]]


Artifacts = Mapping[str, str]


def dotted(path: Path) -> str:
    """`("services", 0, "image")` as people write it: `services[0].image`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text
