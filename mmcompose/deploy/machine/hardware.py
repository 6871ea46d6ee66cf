"""Looks at this machine's GPUs, memory, cores and device files, for its host file and for the doctor.

Outputs stay as they are; `cards.py` makes GPUs of them, `hostfile.py` a host file.
"""

from __future__ import annotations

import contextlib
import os
import platform
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from mmcompose.deploy.docker.command import Reply, ask
from mmcompose.deploy.machine import cards
from mmcompose.deploy.machine.cards import DrmCard, Read, SeenCard

_WSL_TOOL = "usr/lib/wsl/lib/nvidia-smi"
_CARD_FILES = ("mem_info_vram_total", "product_name", "lmem_total_bytes", "resource")


@dataclass(frozen=True, slots=True)
class DeviceFile:
    path: str
    gid: int
    group: str | None = None


class User(NamedTuple):
    """The future owner of models and caches; uid 0 if only root is known."""

    uid: int = 0
    gid: int = 0
    because: str = ""


@dataclass(frozen=True, slots=True)
class Hardware:
    """Everything that `look` found. `memory` is in bytes."""

    system: str = "Linux"
    smi: Reply | None = None
    drm: tuple[DrmCard, ...] = ()
    accelerators: tuple[str, ...] = ()
    pci: tuple[str, ...] = ()
    files: tuple[DeviceFile, ...] = ()
    wsl: bool = False
    memory: int | None = None
    cores: int | None = None
    user: User = field(default_factory=User)
    nvidia: Read = field(default_factory=Read)
    amd: Read = field(default_factory=Read)
    intel: Read = field(default_factory=Read)

    @property
    def kinds(self) -> Mapping[str, tuple[SeenCard, ...]]:
        return {"nvidia": self.nvidia.cards, "amd": self.amd.cards, "intel": self.intel.cards}

    @property
    def driver(self) -> str | None:
        """The version of the NVIDIA driver."""
        return next((card.driver for card in self.nvidia.cards if card.driver), None)

    def file(self, path: str) -> DeviceFile | None:
        return next((one for one in self.files if one.path == path), None)


def look(root: Path = Path("/"), owner_of: Path | None = None) -> Hardware:
    """Looks at the machine under `root`. `owner_of`: the file whose owner counts if root runs mmcompose."""
    if platform.system() != "Linux":
        return Hardware(platform.system(), cores=os.cpu_count(), user=_user(owner_of))
    smi, listing = _nvidia_smi(root)
    drm = _drm(root)
    return Hardware(
        smi=smi,
        drm=drm,
        accelerators=tuple(sorted(path.name for path in _listed(root / "sys/class/accel", "accel*"))),
        pci=_nvidia_on_the_bus(root),
        files=tuple(_device_files(root)),
        wsl=(root / "dev/dxg").exists(),
        memory=total_memory(_text(root / "proc/meminfo")),
        cores=os.cpu_count(),
        nvidia=cards.nvidia(smi.out, listing) if smi and smi.code == 0 else Read(),
        amd=cards.amd(drm),
        intel=cards.intel(drm),
        user=_user(owner_of),
    )


def total_memory(meminfo: str) -> int | None:
    for line in meminfo.splitlines():
        columns = line.split()
        if columns[:1] == ["MemTotal:"] and len(columns) > 1 and columns[1].isdigit():
            return int(columns[1]) << 10
    return None


def _nvidia_smi(root: Path) -> tuple[Reply | None, str]:
    inside = root / _WSL_TOOL
    tool = shutil.which("nvidia-smi") or (str(inside) if inside.exists() else None)
    if tool is None:
        return None, ""
    for count in range(len(cards.QUERY), cards.OLDEST - 1, -1):
        answer = ask(tool, f"--query-gpu={','.join(cards.QUERY[:count])}", "--format=csv,noheader")
        if not answer.code or "not a valid field" not in (answer.out + answer.err).lower():
            break
    split = answer.code == 0 and "enabled" in answer.out.lower()
    return answer, ask(tool, "-L").out if split else ""


def _drm(root: Path) -> tuple[DrmCard, ...]:
    found = []
    for card in _listed(root / "sys/class/drm", "card*"):
        device = card / "device"
        # `card0-HDMI-A-1` is a connector of a card.
        if "-" in card.name or not device.exists():
            continue
        nodes = [path.name for path in _listed(device / "drm", "renderD*")]
        found.append(
            DrmCard(
                card.name,
                _text(device / "vendor").strip(),
                _text(device / "device").strip(),
                device.resolve().name,
                f"/dev/dri/{nodes[0]}" if nodes else None,
                {name: text for name in _CARD_FILES if (text := _text(device / name) or _text(card / name))},
            )
        )
    return tuple(found)


def _nvidia_on_the_bus(root: Path) -> tuple[str, ...]:
    """Addresses of NVIDIA's display controllers, which are on the bus even without a driver."""
    return tuple(
        path.name
        for path in _listed(root / "sys/bus/pci/devices", "*")
        if _text(path / "vendor").strip() == cards.NVIDIA and _text(path / "class").startswith("0x03")
    )


def _device_files(root: Path) -> list[DeviceFile]:
    patterns = (("dev/dri", "renderD*"), ("dev", "kfd"), ("dev/accel", "accel*"))
    found = []
    for folder, pattern in patterns:
        for path in _listed(root / folder, pattern):
            with contextlib.suppress(OSError):
                gid = path.stat().st_gid
                found.append(DeviceFile(f"/{folder}/{path.name}", gid, _group(gid)))
    return found


def _group(gid: int) -> str | None:
    import grp

    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return None


def _user(owner_of: Path | None) -> User:
    """The person behind sudo, else the owner of this process, else (for root) the owner of the project."""
    if not hasattr(os, "getuid"):
        return User()
    behind = os.environ.get("SUDO_UID", ""), os.environ.get("SUDO_GID", "")
    if all(number.isascii() and number.isdigit() for number in behind) and int(behind[0]):
        return User(int(behind[0]), int(behind[1]), "the user behind sudo")
    if os.getuid():
        return User(os.getuid(), os.getgid(), "the user of the command")
    if owner_of is not None:
        with contextlib.suppress(OSError):
            owner = owner_of.stat()
            if owner.st_uid:
                return User(owner.st_uid, owner.st_gid, "the owner of the project")
    return User()


def _listed(folder: Path, pattern: str) -> list[Path]:
    try:
        return sorted(folder.glob(pattern))
    except OSError:
        return []


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(1 << 16).decode("utf-8", "replace")
    except OSError:
        return ""
