"""The observed facts as plain values; every check reads these and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from mmcompose.deploy.docker.command import Reply
from mmcompose.deploy.doctor.needs import Need
from mmcompose.deploy.machine.hardware import Hardware

LOCAL = ("unix://", "npipe://")
"""The beginnings of addresses that lead to this very machine."""

Kind = Literal["file", "folder", "other", "missing", "unseen"]


@dataclass(frozen=True, slots=True)
class DockerSeen:
    """Docker's report about itself. `address` is where `docker` looks for its engine; `server` and `info` are empty
    if none answered."""

    answer: Reply = field(default_factory=lambda: Reply(0))
    address: str = "unix:///var/run/docker.sock"
    server: str = ""
    compose: Reply = field(default_factory=lambda: Reply(0, "2.40.3"))
    buildx: Reply = field(default_factory=lambda: Reply(0, "github.com/docker/buildx v0.29.1 0"))
    info: Mapping[str, Any] = field(default_factory=dict)

    @property
    def answers(self) -> bool:
        return bool(self.server)

    @property
    def local(self) -> bool:
        """Whether its containers run on this machine, with this machine's files and devices."""
        return self.address.startswith(LOCAL) and not self.in_a_virtual_machine

    @property
    def in_a_virtual_machine(self) -> bool:
        return "docker desktop" in str(self.info.get("OperatingSystem", "")).lower()

    @property
    def options(self) -> str:
        return " ".join(map(str, self.info.get("SecurityOptions") or ()))

    @property
    def moves_users(self) -> bool:
        """Whether a uid inside a container is another one outside."""
        return "name=rootless" in self.options or "name=userns" in self.options


@dataclass(frozen=True, slots=True)
class FolderEntry:
    """One file or folder inside a mounted folder. `leads_out`: a link to a place that the container does not have."""

    path: str
    uid: int
    gid: int
    mode: int
    folder: bool = False
    leads_out: bool = False


@dataclass(frozen=True, slots=True)
class FileSeen:
    kind: Kind = "file"
    uid: int = 0
    gid: int = 0
    mode: int = 0o600
    size: int = 1
    tracked: bool = False
    ignored: bool | None = None
    inside: tuple[FolderEntry, ...] = ()
    more: bool = False


@dataclass(frozen=True, slots=True)
class DiskSeen:
    """Free bytes in Docker's image folder; None if that folder cannot be read."""

    folder: str = ""
    free: int | None = None


@dataclass(frozen=True, slots=True)
class RenderState:
    state: Literal["fresh", "different", "beside", "broken"] = "fresh"
    about: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    needs: tuple[Need, ...] = ()
    by_name: bool = False
    shipped_hosts: frozenset[str] = frozenset()
    """Hosts whose file comes with mmcompose and is not in the project."""
    project: str = "."
    system: str = "Linux"
    """As Python's platform module names it."""
    machine: Hardware = field(default_factory=Hardware)
    docker: DockerSeen = field(default_factory=DockerSeen)
    toolkit: tuple[str, ...] = ()
    images: Mapping[str, Mapping[str, str] | None] = field(default_factory=dict)
    """The variables of each image, among them the CUDA release that NVIDIA's images name; None: it is not here."""
    disk: DiskSeen = field(default_factory=DiskSeen)
    held: Mapping[int, str] = field(default_factory=dict)
    files: Mapping[str, FileSeen] = field(default_factory=dict)
    configs: Mapping[str, Reply | None] = field(default_factory=dict)
    rendered: RenderState = field(default_factory=RenderState)
    volumes: Mapping[str, int | None] = field(default_factory=dict)
    """The owner of each volume; None if only root may read it."""
