"""Describes a profile when it is up, read from the Stack: its containers, GPUs, ports and probes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from mmcompose.core.place.facts import gpu_ids
from mmcompose.core.place.supplies import owners
from mmcompose.model import Probe, Profile, Project, Seat, Stack
from mmcompose.model.paths import FETCH, image


@dataclass(frozen=True, slots=True)
class Expected:
    """One engine of the profile. `ports` maps ports inside to ports outside."""

    service: str
    container: str
    image: str
    image_type: str
    helper_image: str | None
    gpus: tuple[str, ...]
    share: str
    listen: int | None
    ports: Mapping[int, int]
    probe: Probe
    served_name: str | None
    secret: str | None
    secrets: tuple[str, ...] = ()
    """Files of all its secrets; `secret` is the one that clients send."""


@dataclass(frozen=True, slots=True)
class WantedProfile:
    project: str
    profile: str
    host: str
    services: tuple[Expected, ...]
    fetching: Mapping[str, str] = field(default_factory=dict)
    """The containers that fetch weights before an engine starts, with the image to build for each, or none."""

    @property
    def gpus(self) -> tuple[str, ...]:
        return tuple(sorted({gpu for one in self.services for gpu in one.gpus}))

    @property
    def exclusive(self) -> bool:
        return any(one.share == "exclusive" for one in self.services if one.gpus)

    @property
    def published(self) -> frozenset[int]:
        return frozenset(port for one in self.services for port in one.ports.values())

    @property
    def secrets(self) -> tuple[str, ...]:
        return tuple(sorted({path for one in self.services for path in one.secrets}))

    @property
    def images(self) -> tuple[str, ...]:
        return tuple(sorted({one.image for one in self.services}))

    @property
    def pulled(self) -> tuple[str, ...]:
        """The images from a registry: those of engines that are not built, and of volume owners."""
        found = {one.image for one in self.services if one.image_type != "build"}
        return tuple(sorted(found | {one.helper_image for one in self.services if one.helper_image}))


def expected_of(stack: Stack | None, project: str, name: str) -> dict[str, Expected]:
    """The engines of a profile by service; empty if it is not one of this project, or cannot be resolved."""
    if stack is None or project != stack.project.name or name not in stack.profiles:
        return {}
    return {one.service: one for one in wanted_profile(stack, name).services}


def wanted_profile(stack: Stack, name: str, contents: Mapping[str, str] = MappingProxyType({})) -> WantedProfile:
    """`contents` are the content hashes of our build folders, for a start."""
    profile = stack.profiles[name]
    services = (_expected(stack.project, profile, key, stack.seats[name][key]) for key in profile.services)
    fetching = {
        stack.project.docker_name(f"{profile.compose_name(key)}-fetch"): ""
        if supply.python
        else image(FETCH, contents.get(FETCH, ""))
        for key, service in profile.services.items()
        if service.weights.fetch == "first" and (supply := profile.engines[key].supply)
    }
    return WantedProfile(stack.project.name, name, profile.host.name, tuple(services), fetching)


def _expected(project: Project, profile: Profile, key: str, seat: Seat) -> Expected:
    service, probe = profile.services[key], profile.engines[key].probe
    secret = service.secrets.get(probe.secret or "")
    return Expected(
        service=key,
        container=project.docker_name(profile.compose_name(key)),
        image=service.image or "",
        image_type=service.image_type or "prebuilt",
        helper_image=profile.engines[key].own_image if owners(service, profile.host) else None,
        gpus=tuple(gpu_ids(profile.host, seat)),
        share=service.gpu.share,
        listen=service.api_port,
        ports={service.listen[name]: port for name, port in seat.ports.items() if name in service.listen},
        probe=probe,
        served_name=service.served_name,
        secret=secret.file if secret else None,
        secrets=tuple(one.file for one in service.secrets.values()),
    )
