"""What a template sees: one Unit per container, with everything decided and nothing left to compute.

Templates place values on the page; they hold no logic about engines, hosts or layers.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from mmcompose.core import reasons
from mmcompose.core.rules import titles
from mmcompose.engines.argv import command_line
from mmcompose.engines.history import History
from mmcompose.model import Engine, Machine, Profile, Project, Seat, Service, Setting

Histories = Callable[[str], History | None]


class Argument(NamedTuple):
    words: list[str]
    why: str | None


class Port(NamedTuple):
    name: str
    inside: int
    outside: int


class Bind(NamedTuple):
    source: str
    target: str
    read_only: bool


class Volume(NamedTuple):
    key: str
    name: str
    target: str


class SecretFile(NamedTuple):
    key: str
    name: str
    file: str


@dataclass(frozen=True, slots=True)
class Unit:
    """One container of a profile, as its template sees it."""

    name: str
    container: str
    network: str
    service: Service
    engine: Engine
    machine: Machine
    accelerator: str
    tree: Setting
    arguments: list[Argument]
    ports: list[Port]
    volumes: list[Volume]
    binds: list[Bind]
    secrets: list[SecretFile]
    env: Mapping[str, str]
    exports: str
    device_ids: list[str]
    devices: list[str]
    groups: list[str]
    labels: Mapping[str, str]
    owner: str
    build: Mapping[str, str]
    config: str
    files: Mapping[str, str]

    @property
    def template(self) -> str:
        return f"{self.engine.name}/service.yaml.j2"

    @property
    def shape(self) -> tuple[object, ...]:
        """Which parts a template writes for this unit, whatever the values in them."""
        service = self.service
        parts = (self.volumes, self.binds, self.secrets, self.env, self.ports, self.arguments, self.device_ids)
        more = (self.devices, self.groups, self.build, self.owner, self.exports, self.service.aliases, self.waivers)
        nouns = (service.health, service.security, service.logging)
        return (self.engine.name, self.accelerator, *map(bool, parts), *map(bool, more), *nouns)

    @property
    def model(self) -> str:
        """What the engine is told to load: a path inside the container, or a repository on the hub."""
        weights = self.service.weights
        if weights.path:
            return posixpath.join("/models", posixpath.basename(weights.path.rstrip("/")))
        return weights.repo or ""

    @property
    def notes(self) -> str | None:
        return reasons.notes(self.service)

    def why(self, *path: str | int) -> str | None:
        return reasons.reason(self.tree, path)

    @property
    def waivers(self) -> list[str]:
        known = titles()
        return [f"waived {w.rule} ({known.get(w.rule, '')}) until {w.until}: {w.reason}" for w in self.service.waivers]


def units(project: Project, profile: Profile, seats: Mapping[str, Seat], histories: Histories) -> list[Unit]:
    return [_unit(project, profile, name, seats[name], histories) for name in profile.services]


def compose_name(profile: str, service: str) -> str:
    """Services are prefixed by their profile, for one Compose project holds them all."""
    return profile if service == profile else f"{profile}-{service}"


def _unit(project: Project, profile: Profile, key: str, seat: Seat, histories: Histories) -> Unit:
    service, engine, tree, host = profile.services[key], profile.engines[key], profile.settings[key], profile.host
    name = compose_name(profile.name, key)
    accelerator = host.accelerator if service.gpu.count else "cpu"
    history = histories(engine.history) if engine.history else None
    line = command_line(history, service.engine_version or service.version, service.args)
    arguments = [Argument(words, reasons.reason(tree, ("args", arg))) for arg, words in line]
    ids = [host.gpus[card].uuid or str(card) for card in seat.gpus] if accelerator == "nvidia" else []
    user = service.security.user or "0:0"
    return Unit(
        name=name,
        container=f"{project.name}-{name}",
        network=profile.name,
        service=service,
        engine=engine,
        machine=host,
        accelerator=accelerator,
        tree=tree,
        arguments=arguments,
        ports=[Port(port, service.listen[port], seat.ports[port]) for port in service.ports if port in service.listen],
        volumes=[
            Volume(f"{name}-{cache}", f"{project.name}-{name}-{cache}", at) for cache, at in service.caches.items()
        ],
        binds=_binds(service),
        secrets=[
            SecretFile(f"{name}-{secret}", secret, _from_compose(service.secrets[secret].file))
            for secret in service.secrets
        ],
        env=_env(service),
        exports=_exports(service),
        device_ids=ids,
        devices=list(host.devices) if accelerator in ("amd", "intel") else [],
        groups=[str(gid) for _, gid in sorted(host.groups.items())] if accelerator in ("amd", "intel") else [],
        labels=_labels(project, profile, key, service, seat, ids),
        owner="" if user.startswith("0:") or not service.caches else user,
        build=_build(service),
        config="",
        files={},
    )


def _from_compose(path: str) -> str:
    """A path of the project as it is written in a file under compose/."""
    return path if path.startswith("/") else posixpath.normpath(posixpath.join("..", path))


def _binds(service: Service) -> list[Bind]:
    binds = [Bind(_from_compose(mount.source), mount.target, mount.read_only) for mount in service.mounts]
    if service.weights.path:
        inside = posixpath.join("/models", posixpath.basename(service.weights.path.rstrip("/")))
        binds.append(Bind(_from_compose(service.weights.path), inside, read_only=True))
    return binds


def _env(service: Service) -> dict[str, str]:
    paths = {s.path_env: f"/run/secrets/{name}" for name, s in service.secrets.items() if s.path_env}
    return {**service.env, **paths}


def _exports(service: Service) -> str:
    """Shell words that turn secret files into variables, for engines that read no file."""
    values = [(s.value_env, name) for name, s in service.secrets.items() if s.value_env]
    return "".join(f'export {variable}="$(cat /run/secrets/{name})"; ' for variable, name in values)


def _labels(
    project: Project, profile: Profile, key: str, service: Service, seat: Seat, ids: list[str]
) -> dict[str, str]:
    labels = {
        "mmcompose.project": project.name,
        "mmcompose.profile": profile.name,
        "mmcompose.service": key,
        "mmcompose.backend": service.backend or "",
        "mmcompose.host": profile.host.name,
    }
    if service.model:
        labels["mmcompose.model"] = service.model
    if seat.gpus:
        labels["mmcompose.gpus"] = ",".join(ids or map(str, seat.gpus))
        labels["mmcompose.share"] = service.gpu.share
    return labels


def _build(service: Service) -> dict[str, str]:
    """Where Compose builds from: a git URL as it stands, a folder of the project as it is seen from compose/."""
    if service.image_type != "build" or not service.build.context:
        return {}
    context = service.build.context
    remote = "://" in context or context.startswith("git@")
    found = {"context": context if remote else _from_compose(context)}
    if service.build.dockerfile:
        found["dockerfile"] = service.build.dockerfile
    if service.build.target:
        found["target"] = service.build.target
    return found
