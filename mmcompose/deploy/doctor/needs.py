"""Lists the needs of the profiles on a machine, read from the Stack. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from mmcompose.core.place.facts import model_files
from mmcompose.core.place.supplies import reads_store
from mmcompose.core.sizes import in_bytes
from mmcompose.model import Machine, Path, Profile, Project, Seat, Service, Stack, dotted


@dataclass(frozen=True, slots=True)
class NeededSecret:
    name: str
    path: str


@dataclass(frozen=True, slots=True)
class MountedPath:
    """A file or folder of the host that a container gets. Paths of the project are relative."""

    path: str
    read_only: bool = True
    at: Path = ("mounts",)

    @property
    def key(self) -> str:
        """The place in the profile that names it."""
        return dotted(self.at)


@dataclass(frozen=True, slots=True)
class Need:
    """One service of one profile."""

    profile: str
    service: str
    host: Machine
    accelerator: str = "cpu"
    image: str = ""
    built: bool = False
    container: str = ""
    uid: int = 0
    gid: int = 0
    groups: tuple[int, ...] = ()
    overrides_permissions: bool = False
    ports: tuple[int, ...] = ()
    secrets: tuple[NeededSecret, ...] = ()
    sources: tuple[MountedPath, ...] = ()
    volumes: tuple[str, ...] = ()
    cards: tuple[int, ...] = field(default=())
    weights: int = 0
    """Bytes that a first start loads into the volumes; 0 where the files are on this machine, or of unknown size."""
    fetched: str = ""
    """What these bytes are: services that share them load them once."""

    @property
    def name(self) -> str:
        return self.profile if self.service == self.profile else f"{self.profile}.{self.service}"


def needs(stack: Stack, profiles: Iterable[str]) -> tuple[Need, ...]:
    return tuple(
        _need(stack.project, stack.profiles[name], key, stack.seats[name])
        for name in profiles
        for key in stack.profiles[name].services
    )


def _need(project: Project, profile: Profile, key: str, seats: Mapping[str, Seat]) -> Need:
    service, host, seat = profile.services[key], profile.host, seats.get(key, Seat())
    name = profile.compose_name(key)
    accelerator = host.accelerator_for(service.gpu.count)
    uid, gid = _user(service)
    allowed = service.security
    return Need(
        profile=profile.name,
        service=key,
        host=host,
        accelerator=accelerator,
        image=service.image or "",
        built=service.image_type == "build",
        container=project.docker_name(name),
        uid=uid,
        gid=gid,
        groups=tuple(host.groups.values()) if accelerator in ("amd", "intel") else (),
        # Without this capability, root may read only what the mode of a file allows.
        overrides_permissions=uid == 0 and ("ALL" not in allowed.cap_drop or "DAC_OVERRIDE" in allowed.cap_add),
        ports=tuple(seat.ports.values()),
        secrets=tuple(NeededSecret(name, secret.file) for name, secret in service.secrets.items()),
        sources=tuple(_sources(service, host)),
        volumes=tuple(project.docker_name(f"{name}-{cache}") for cache in service.caches),
        cards=seat.gpus,
        weights=in_bytes(service.weights.size) if service.weights.size and _into_volumes(service, host) else 0,
        fetched="@".join((service.weights.repo or name, service.weights.revision or "", service.weights.file or ""))
        if reads_store(service)
        else name,
    )


def _user(service: Service) -> tuple[int, int]:
    uid, _, gid = (service.security.user or "0:0").partition(":")
    return (int(uid), int(gid)) if uid.isdigit() and gid.isdigit() else (0, 0)


def _into_volumes(service: Service, host: Machine) -> bool:
    return not service.weights.path and not (host.models and reads_store(service))


def _sources(service: Service, host: Machine) -> Iterable[MountedPath]:
    if host.models and reads_store(service):
        # What fetches runs as the host's user; an engine of another one only reads.
        writes = service.weights.fetch == "first" and _user(service) == (host.uid, host.gid)
        yield MountedPath(host.models, not writes, ("machine", "models"))
    for at, path in model_files(service.weights):
        yield MountedPath(path, at=at)
    for index, mount in enumerate(service.mounts):
        yield MountedPath(mount.source, mount.read_only, ("mounts", index))
