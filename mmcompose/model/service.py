"""One service as people write it. The field names are the keys of a profile; null and empty mean "not set"."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

NONE: Mapping[str, Any] = {}
"""The value of a table that nobody wrote."""


class Weights(NamedTuple):
    """The files that the engine loads: from a repository at a revision, from an address, or from a path on the host.

    `include` and `exclude` choose among the files of a repository. `fetch` tells who gets them: a service `first`,
    before the engine starts; the `engine` itself; or nobody, `never`, since they lie in the store already. `size` is
    that of the download; `layers` counts the layers that keep a KV cache.
    """

    repo: str | None = None
    revision: str | None = None
    url: str | None = None
    sha256: str | None = None
    file: str | None = None
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    fetch: str | None = None
    path: str | None = None
    format: str | None = None
    size: str | None = None
    layers: int | None = None


class Build(NamedTuple):
    """Tells Compose how to build an image: from a context pinned to a version, or from a folder that comes with
    mmcompose."""

    context: str | None = None
    dockerfile: str | None = None
    target: str | None = None
    args: Mapping[str, str] = NONE


@dataclass(frozen=True, slots=True)
class Gpu:
    """A claim on GPUs of the host. `devices` pins indices; otherwise they are placed."""

    count: int = 0
    share: str = "exclusive"
    vram: str | None = None
    devices: tuple[int, ...] = ()


class Health(NamedTuple):
    """How Docker asks whether the engine is ready."""

    test: tuple[str, ...] = ()
    interval: str | None = None
    timeout: str | None = None
    retries: int | None = None
    start_period: str | None = None


class Resources(NamedTuple):
    memory: str | None = None
    cpus: float | None = None
    pids: int | None = None
    shm_size: str | None = None
    ulimits: Mapping[str, int] = NONE


class Security(NamedTuple):
    user: str | None = None
    read_only: bool | None = None
    cap_drop: tuple[str, ...] = ()
    cap_add: tuple[str, ...] = ()
    no_new_privileges: bool | None = None
    seccomp: str | None = None
    ipc: str | None = None
    network: str | None = None
    privileged: bool | None = None


class Secret(NamedTuple):
    """A file on the host. The engine reads its path from `path_env`, or its content from `value_env`."""

    file: str
    path_env: str | None = None
    value_env: str | None = None


class Mount(NamedTuple):
    source: str
    target: str
    read_only: bool = True


class Logging(NamedTuple):
    max_size: str | None = None
    max_file: int | None = None


class Waiver(NamedTuple):
    """A relaxation of one rule, with its reason and the date on which it ends."""

    rule: str
    reason: str
    until: str


class UncheckedArg(NamedTuple):
    """An argument that is not checked against the flag history, and why."""

    value: Any
    reason: str


class Needs(NamedTuple):
    """The releases of its engine with which a service works. `commit`: only a commit names one."""

    version: str | None = None
    certain: str | None = None
    commit: bool = False
    reason: str | None = None


class Capability(NamedTuple):
    """A range of compute capabilities of GPUs, such as 10.0 to below 11.0."""

    since: str | None = None
    before: str | None = None


class KnownBad(NamedTuple):
    """A combination that is known not to work: releases, GPUs, models, backend and settings, and what to write instead.

    `until` is the last release in which the fault was seen; a later one may be free of it.
    """

    reason: str = ""
    backend: str | None = None
    since: str | None = None
    before: str | None = None
    until: str | None = None
    compute: Capability = Capability()
    models: tuple[str, ...] = ()
    when: Mapping[str, str] = NONE
    at: str | None = None
    severity: str = "error"
    instead: Mapping[str, Any] = NONE
    mends: bool = False
    advice: str | None = None
    link: str | None = None


class Graph(NamedTuple):
    """The purpose of an OpenVINO Model Server graph, and its options by their own field names."""

    task: str | None = None
    options: Mapping[str, Any] = NONE
    metrics: tuple[str, ...] = ()


class ZooModel(NamedTuple):
    """One model of a vision zoo: the library that loads it, its source, and the GPU memory that it probably takes."""

    category: str | None = None
    loader: str | None = None
    source: str | None = None
    revision: str | None = None
    dtype: str | None = None
    vram_mb: int | None = None
    enabled: bool = True


class Service(NamedTuple):
    """One container of a profile, resolved. The field names are the keys that people write."""

    description: str | None = None
    model: str | None = None
    backend: str | None = None
    runtime: str | None = None
    version: str | None = None
    engine_version: str | None = None
    needs: Needs = Needs()
    known_bad: Mapping[str, KnownBad] = NONE
    image: str | None = None
    images: Mapping[str, str] = NONE
    image_type: str | None = None
    build: Build = Build()
    builds: Mapping[str, Build] = NONE
    weights: Weights = Weights()
    served_name: str | None = None
    args: Mapping[str, Any] = NONE
    unchecked_args: Mapping[str, UncheckedArg] = NONE
    derived: Mapping[str, str] = NONE
    graph: Graph = Graph()
    zoo: Mapping[str, ZooModel] = NONE
    env: Mapping[str, str] = NONE
    secrets: Mapping[str, Secret] = NONE
    caches: Mapping[str, str] = NONE
    tmpfs: Mapping[str, str] = NONE
    mounts: tuple[Mount, ...] = ()
    gpu: Gpu = Gpu()
    listen: Mapping[str, int] = NONE
    ports: Mapping[str, int | str] = NONE
    aliases: tuple[str, ...] = ()
    health: Health = Health()
    resources: Resources = Resources()
    security: Security = Security()
    restart: str | None = None
    stop_grace_period: str | None = None
    logging: Logging = Logging()
    bench: tuple[str, ...] = ()
    bench_args: Mapping[str, Mapping[str, Any]] = NONE
    waivers: tuple[Waiver, ...] = ()
    why: Mapping[str, str] = NONE

    @property
    def release(self) -> str | None:
        """The release of the engine in the image; `engine_version` names it where the image's tag does not."""
        return self.engine_version or self.version

    @property
    def api_port(self) -> int | None:
        """The port of the engine's API inside its container: the one called `api`, else the first."""
        return self.listen.get("api") or next(iter(self.listen.values()), None)
