"""Judges which places of the host a container may have: mounts, weights, devices and rendered files alike."""

from __future__ import annotations

import posixpath
import re
from functools import lru_cache
from typing import NamedTuple

from mmcompose.core.world import NAMED_PIPE, Seen, World, tidied
from mmcompose.model.paths import below

_OF_A_SOCKET = r"(?:docker|containerd|podman|crio|cri-dockerd|buildkitd|dockershim)\.sock"
_HOLD_SOCKETS = (
    r"/(?:var/)?run\Z"
    r"|/(?:var/)?run/(?:user|docker|containerd|podman|crio|cri-o|buildkit|k3s|libvirt|systemd|dbus|snap\.docker)"
    r"(?:/|\Z)"
    r"|/var/lib/(?:docker|containerd|containers|buildkit|kubelet|rancher|lxd|incus|libvirt)(?:/|\Z)"
    r"|/var/snap/docker(?:/|\Z)"
    r"|/(?:\.docker/(?:run|desktop)|\.colima|\.rd|\.orbstack|\.lima)(?:/|\Z)"
)
"""Folders with the sockets of container engines, or with the files of all their containers."""
_WHOLE = r"/(?:etc|proc|sys|dev|boot|root|run|var|usr|bin|sbin|lib|lib32|lib64|libx32|home|snap)?\Z|/home/[^/]+\Z"
_OF_THE_SYSTEM = (
    r"/(?:etc|proc|sys|boot|root|run|bin|sbin|lib|lib32|lib64|libx32|snap)/"
    r"|/usr/(?:local/)?(?:s?bin|lib|lib32|lib64|libx32|libexec|etc|include)(?:/|\Z)|/usr/local\Z"
    r"|/var/lib\Z|/var/lib/(?:dpkg|apt|rpm|pacman|systemd|sudo|dbus|polkit-1|cloud|snapd|private)(?:/|\Z)"
    r"|/var/(?:run|lock|log|spool|backups|mail|cache|snap)(?:/|\Z)"
)
_OF_A_PERSON = (
    r"/(?:\.ssh|\.gnupg|\.aws|\.azure|\.docker|\.kube|\.netrc|\.git-credentials|\.password-store"
    r"|\.config/gcloud)(?:/|\Z)"
)
_DANGEROUS = (
    r"/dev/?\Z"
    r"|/dev/(?:sd|hd|vd|xvd|nvme|mmcblk|loop|dm-|md\d|nbd|zram|ram\d|sr\d|sg\d|st\d|fd\d|bcache|drbd|rbd|pmem)[^/]*\Z"
    r"|/dev/(?:disk|mapper|block|bsg|input|pts|vc|snd|cpu|char|shm|mqueue|hugepages|zvol|vg[^/]*|md)(?:/|\Z)"
    r"|/dev/(?:mem|kmem|port|kcore|core|kmsg|oldmem|nvram|mcelog|console|tty[^/]*|vcs[^/]*|uinput|uhid|snapshot|raw[^/]*"
    r"|autofs|btrfs-control|fuse|hidraw\d*|tpm[^/]*|watchdog\d*|rtc\d*|i2c-\d+|ipmi\d*|cuse|userfaultfd|vhost-[^/]*"
    r"|log|initctl)\Z"
    r"|/dev/net/tun\Z"
)
"""Disks, memory, keyboards and terminals: no engine computes on one of them."""


class Ground(NamedTuple):
    """The facts against which rules measure a place. `roots` and `devices` come from the host file; `allowed` links may
    leave the project."""

    world: World
    roots: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()
    allowed: tuple[str, ...] = ()
    host_file: str = "the host file"

    def inside(self, real: str) -> bool:
        """Whether a place lies in the project, or where an allowed link leads."""
        return below(real, self.world.root) or any(below(real, self.world.leads(path).real) for path in self.allowed)


class PlaceFault(NamedTuple):
    rule: str
    message: str
    hint: str


@lru_cache(4096)
def judged(source: str, ground: Ground, *, typed: bool = False) -> PlaceFault | None:
    """The worst reason not to give this place to a container. `typed`: a person wrote it on a command line."""
    if NAMED_PIPE.match(source):
        message = "a named pipe leads to a program of the host; Docker's pipe gives away the whole host"
        return PlaceFault("S02", message, "remove the mount")
    seen = ground.world.leads(source)
    if seen.kind == "socket" or re.search(_OF_A_SOCKET, source) or re.search(_OF_A_SOCKET, seen.real):
        return PlaceFault("S02", "gives the container Docker's socket, and with it the whole host", "remove the mount")
    ours = ground.inside(seen.real)
    if re.search(_HOLD_SOCKETS, seen.real) and not ours:
        message = (
            f"{_named(source, seen)} holds the sockets of container engines, each of which gives away the whole host"
        )
        return PlaceFault("S02", message, "mount the folder that is needed, not the one around it")
    if below(seen.real, "/dev") or seen.kind in ("block", "character"):
        return _as_device(source, seen, ground)
    if typed:
        return None
    system = not ours and (re.match(_WHOLE, seen.real) or re.match(_OF_THE_SYSTEM, seen.real))
    if system or re.search(_OF_A_PERSON, seen.real):
        return PlaceFault(
            "S13", f"{_named(source, seen)} belongs to the system", "mount the folder of the model itself"
        )
    if not ours and not any(below(seen.real, ground.world.leads(root).real) for root in ground.roots):
        return PlaceFault(
            "S24", f"{_named(source, seen)} lies outside the project", _declaring(source, seen, ground.host_file)
        )
    return None


def device(path: str, world: World) -> str:
    """Why no engine may have this device, even if the host file declares it; empty where one may."""
    seen = world.leads(path)
    if tidied(path) != path.rstrip("/") or not below(seen.real, "/dev"):
        return f"{_named(path, seen)} is not the plain path of a device"
    if seen.kind == "block" or re.search(_DANGEROUS, seen.real):
        return f"{_named(path, seen)} is not a device that computes"
    return f"{_named(path, seen)} is a socket" if seen.kind == "socket" else ""


def _as_device(source: str, seen: Seen, ground: Ground) -> PlaceFault | None:
    wrong = device(source, ground.world)
    if wrong:
        return PlaceFault("S28", wrong, "leave it out")
    if seen.real in {ground.world.leads(each).real for each in ground.devices}:
        return None
    return PlaceFault(
        "S28", f"{_named(source, seen)} is not a device of the host file", "declare it under machine.devices"
    )


def _declaring(source: str, seen: Seen, host_file: str) -> str:
    folder = tidied(source) if source.startswith("/") else seen.real
    if seen.kind == "file" or folder.lower().endswith(".gguf"):
        folder = posixpath.dirname(folder)
    return f"write roots: [{folder}] under machine: in {host_file}"


def _named(source: str, seen: Seen) -> str:
    """A path as it was written, and its real path where that is another."""
    return source if tidied(source) == seen.real or not seen.real else f"{source} leads to {seen.real}, which"
