"""One service as people write it. The field names are the keys of a profile; null and empty mean "not set"."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Weights:
    """The files that the engine loads: from a repository at a revision, or from a path on the host.

    `size` is that of the download; `layers` counts the layers that keep a KV cache.
    """

    repo: str | None = None
    revision: str | None = None
    file: str | None = None
    path: str | None = None
    format: str | None = None
    size: str | None = None
    layers: int | None = None


@dataclass(frozen=True, slots=True)
class Build:
    """Tells Compose how to build an image: from a context pinned to a version, or from a folder that comes with
    mmcompose."""

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
    """How Docker asks whether the engine is ready."""

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
    """A relaxation of one rule, with its reason and the date on which it ends."""

    rule: str
    reason: str
    until: str


@dataclass(frozen=True, slots=True)
class UncheckedArg:
    """An argument that is not checked against the flag history, and why."""

    value: Any
    reason: str


@dataclass(frozen=True, slots=True)
class Needs:
    """The releases of its engine with which a service works. `commit`: only a commit names one."""

    version: str | None = None
    certain: str | None = None
    commit: bool = False
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Capability:
    """A range of compute capabilities of GPUs, such as 10.0 to below 11.0."""

    since: str | None = None
    before: str | None = None


@dataclass(frozen=True, slots=True)
class KnownBad:
    """A combination that is known not to work: releases, GPUs, models, backend and settings, and what to write instead.

    `until` is the last release in which the fault was seen; a later one may be free of it.
    """

    reason: str = ""
    backend: str | None = None
    since: str | None = None
    before: str | None = None
    until: str | None = None
    compute: Capability = field(default_factory=Capability)
    models: tuple[str, ...] = ()
    when: Mapping[str, str] = field(default_factory=dict)
    at: str | None = None
    severity: str = "error"
    instead: Mapping[str, Any] = field(default_factory=dict)
    mends: bool = False
    advice: str | None = None
    link: str | None = None


@dataclass(frozen=True, slots=True)
class Graph:
    """The purpose of an OpenVINO Model Server graph, and its options by their own field names."""

    task: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    metrics: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ZooModel:
    """One model of a vision zoo: the library that loads it, its source, and the GPU memory that it probably takes."""

    category: str | None = None
    loader: str | None = None
    source: str | None = None
    revision: str | None = None
    dtype: str | None = None
    vram_mb: int | None = None
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Service:
    """One container of a profile, resolved. The field names are the keys that people write."""

    description: str | None = None
    model: str | None = None
    backend: str | None = None
    runtime: str | None = None
    version: str | None = None
    engine_version: str | None = None
    needs: Needs = field(default_factory=Needs)
    known_bad: Mapping[str, KnownBad] = field(default_factory=dict)
    image: str | None = None
    images: Mapping[str, str] = field(default_factory=dict)
    image_type: str | None = None
    build: Build = field(default_factory=Build)
    builds: Mapping[str, Build] = field(default_factory=dict)
    weights: Weights = field(default_factory=Weights)
    served_name: str | None = None
    args: Mapping[str, Any] = field(default_factory=dict)
    unchecked_args: Mapping[str, UncheckedArg] = field(default_factory=dict)
    derived: Mapping[str, str] = field(default_factory=dict)
    graph: Graph = field(default_factory=Graph)
    zoo: Mapping[str, ZooModel] = field(default_factory=dict)
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
    bench_args: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    waivers: tuple[Waiver, ...] = ()
    why: Mapping[str, str] = field(default_factory=dict)

    @property
    def release(self) -> str | None:
        """The release of the engine in the image; `engine_version` names it where the image's tag does not."""
        return self.engine_version or self.version

    @property
    def api_port(self) -> int | None:
        """The port of the engine's API inside its container: the one called `api`, else the first."""
        return self.listen.get("api") or next(iter(self.listen.values()), None)
