"""Reads running containers by their labels: those that mmcompose started, and those started otherwise from the same
files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mmcompose.core.sizes import in_bytes
from mmcompose.deploy.docker.engine import DockerEngine
from mmcompose.model import labels
from mmcompose.model.targets import COMPOSE

_NEVER = "0001-01-01T00:00:00Z"
_OURS = ("project", "profile", "service", "role", "backend", "model", "share", "bench")
_LABELS = {name: getattr(labels, name.upper()) for name in _OURS} | {
    "config_hash": "com.docker.compose.config-hash",
    "compose_project": "com.docker.compose.project",
    "compose_service": "com.docker.compose.service",
}
"""The facts that are the text of a label."""


@dataclass(frozen=True, slots=True)
class Running:
    """One container with our labels, as Docker reports it; it may also have stopped."""

    id: str
    name: str
    project: str
    profile: str
    service: str
    role: str
    backend: str
    model: str
    gpus: tuple[str, ...]
    share: str
    status: str
    health: str
    exit_code: int
    oom_killed: bool
    error: str
    restarts: int
    created: str
    started: str
    finished: str
    image: str
    image_id: str
    config_hash: str
    compose_project: str
    compose_service: str
    compose_files: tuple[str, ...]
    network_mode: str
    addresses: tuple[str, ...]
    ports: Mapping[int, tuple[str, int]] = field(default_factory=dict)
    health_log: str = ""
    vram: int | None = None
    """Bytes that it may use on each of its GPUs."""
    memory: int = 0
    """Bytes that it may use of the machine's memory; 0 if its limit is a part of the whole."""
    memory_limit: int = 0
    """Bytes at which the kernel kills it; 0 without a limit."""
    pid: int = 0
    """The number of its first process on Docker's machine; 0 while it does not run."""
    bench: str = ""
    """The kind of measurement, for a benchmark."""
    command: tuple[str, ...] = ()
    """The arguments of its program."""

    @property
    def alive(self) -> bool:
        """Whether it holds its resources, GPU memory included; a restarting container will in a moment."""
        return self.status in ("running", "restarting", "paused")

    @property
    def serves(self) -> bool:
        """Whether it runs an engine, and not a preparation or a benchmark."""
        return not self.role

    @property
    def started_by(self) -> str:
        """The entry point: mmcompose and the root work in one project, a single file has its own."""
        if self.compose_project != self.project:
            return f"docker compose, as project {self.compose_project}" if self.compose_project else "docker run"
        files = [path.replace("\\", "/").rpartition("/")[2] for path in self.compose_files]
        return "docker compose at the root" if files == [COMPOSE.at_top] else "mmcompose"


@dataclass(frozen=True, slots=True)
class Deployment:
    """All containers of one profile."""

    project: str
    profile: str
    containers: tuple[Running, ...]

    @property
    def engines(self) -> tuple[Running, ...]:
        return tuple(one for one in self.containers if one.serves)

    @property
    def fetching(self) -> tuple[Running, ...]:
        """The containers that fetch weights at this moment, before their engine starts."""
        return tuple(one for one in self.containers if one.role == "fetch" and one.alive)

    @property
    def measuring(self) -> tuple[Running, ...]:
        return tuple(one for one in self.containers if one.role == "bench" and one.alive)

    @property
    def alive(self) -> bool:
        return any(one.alive for one in self.containers)

    @property
    def gpus(self) -> tuple[str, ...]:
        """The GPUs that it holds now."""
        return tuple(sorted({gpu for one in self.containers if one.alive for gpu in one.gpus}))

    @property
    def exclusive(self) -> bool:
        return any(one.share == "exclusive" for one in self.containers if one.alive and one.gpus)

    @property
    def published(self) -> frozenset[int]:
        return frozenset(port for one in self.containers if one.alive for _, port in one.ports.values())

    @property
    def since(self) -> str:
        return min((one.started for one in self.engines if one.alive and one.started), default="")


def observe(engine: DockerEngine, project: str | None = None, profile: str | None = None) -> list[Running]:
    wanted = {labels.PROJECT: project, **({labels.PROFILE: profile} if profile else {})}
    return [read(answer) for answer in engine.containers(wanted)]


def deployments(containers: Iterable[Running]) -> list[Deployment]:
    groups: dict[tuple[str, str], list[Running]] = {}
    for container in sorted(containers, key=lambda one: (one.project, one.profile, one.name)):
        groups.setdefault((container.project, container.profile), []).append(container)
    return [Deployment(project, profile, tuple(group)) for (project, profile), group in groups.items()]


def read(answer: Mapping[str, Any]) -> Running:
    """Reads the output of `docker inspect`. Different releases of Docker leave out different parts."""
    config, state = answer.get("Config") or {}, answer.get("State") or {}
    carried = config.get("Labels") or {}
    health = state.get("Health") or {}
    networks = (answer.get("NetworkSettings") or {}).get("Networks") or {}
    log = health.get("Log") or []
    return Running(
        id=answer["Id"],
        name=str(answer.get("Name", "")).removeprefix("/"),
        **{field: carried.get(label, "") for field, label in _LABELS.items()},
        gpus=tuple(gpu for gpu in carried.get(labels.GPUS, "").split(",") if gpu),
        status=state.get("Status", ""),
        health=health.get("Status", ""),
        exit_code=int(state.get("ExitCode") or 0),
        oom_killed=bool(state.get("OOMKilled")),
        error=state.get("Error") or "",
        restarts=int(answer.get("RestartCount") or 0),
        created=answer.get("Created", ""),
        started=_moment(state.get("StartedAt")),
        finished=_moment(state.get("FinishedAt")),
        image=config.get("Image", ""),
        image_id=answer.get("Image", ""),
        compose_files=tuple(carried.get("com.docker.compose.project.config_files", "").split(",")),
        network_mode=(answer.get("HostConfig") or {}).get("NetworkMode", ""),
        addresses=tuple(net["IPAddress"] for net in networks.values() if net.get("IPAddress")),
        ports=_ports(answer),
        vram=_size(carried.get(labels.VRAM, "")),
        memory=_size(carried.get(labels.MEMORY, "")) or 0,
        memory_limit=int((answer.get("HostConfig") or {}).get("Memory") or 0),
        pid=int(state.get("Pid") or 0),
        command=tuple(config.get("Cmd") or ()),
        health_log=str(log[-1].get("Output", "")).strip() if log else "",
    )


def _size(text: str) -> int | None:
    """The size on a label, which anybody may have written."""
    return in_bytes(text) if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,3})?[bkmgt]", text) else None


def _moment(text: str | None) -> str:
    return "" if not text or text == _NEVER else text


def _ports(answer: Mapping[str, Any]) -> dict[int, tuple[str, int]]:
    """Port inside → (address, port) outside; of IPv4 and IPv6 twins the first."""
    found: dict[int, tuple[str, int]] = {}
    for inside, bindings in ((answer.get("NetworkSettings") or {}).get("Ports") or {}).items():
        number = int(inside.partition("/")[0])
        for binding in bindings or []:
            found.setdefault(number, (binding.get("HostIp", ""), int(binding["HostPort"])))
    return found
