"""Writes the host file of a machine from what was found. Pure: a remark marks each uncertain line."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from mmcompose.core.read.documents import name_like
from mmcompose.deploy.machine.cards import SeenCard
from mmcompose.deploy.machine.hardware import DeviceFile, Hardware

_GUESSED_USER = 1000


@dataclass(frozen=True, slots=True)
class HostFile:
    text: str
    notes: tuple[str, ...] = ()


def write(seen: Hardware, schema: str | None = None, description: str = "This machine, as it was found") -> HostFile:
    """The text of the host file. `schema`: where an editor finds the JSON Schema of host files, relative to the
    file."""
    kind, cards = chosen(seen)
    notes = [*_notes(seen, kind), *_unsaid(seen)] if seen.system == "Linux" else [*_by_hand(seen.system)]
    lines = [f"# yaml-language-server: $schema={schema}"] if schema else []
    lines += [f"description: {_quoted(description)}", "machine:", f"  accelerator: {kind}"]
    lines += _gpus(cards, seen)
    lines += [f"  memory: {_memory(seen)}", f"  cores: {seen.cores or 1}", *_user(seen)]
    if kind in ("amd", "intel"):
        lines += _devices(_files_of(seen, kind, cards), notes)
    return HostFile("\n".join(lines) + "\n", tuple(notes))


def name_from(hostname: str) -> str:
    """A machine's name as the name of a host file."""
    return name_like(hostname.partition(".")[0], otherwise="this-machine")


def chosen(seen: Hardware) -> tuple[str, tuple[SeenCard, ...]]:
    """The accelerator of the machine: a discrete GPU before an integrated one, any GPU before none."""
    for kind, cards in seen.kinds.items():
        if cards:
            return kind, cards
    return "cpu", ()


def _gpus(cards: tuple[SeenCard, ...], seen: Hardware) -> list[str]:
    lines = ["  gpus:"] if cards else []
    for card in cards:
        remark = card.remark
        vram = f"{card.vram >> 20}m" if card.vram else ""
        if not vram:
            vram = f"{max((seen.memory or 2 << 30) >> 31, 1)}g"
            shares = card.integrated or card.vendor == "nvidia"
            remark = (
                "it shares the machine's memory; half of it is a choice, not a measurement"
                if shares
                else "no tool reports its memory: correct this number"
            )
        if remark:
            lines.append(f"    # {remark}")
        uuid = f", uuid: {card.uuid}" if card.uuid else ""
        compute = f', compute: "{card.compute}"' if card.compute else ""
        desktop = ", desktop: true" if card.desktop else ""
        lines.append(f"    - {{name: {_quoted(card.name)}, vram: {vram}{compute}{desktop}{uuid}}}")
    return lines


def _memory(seen: Hardware) -> str:
    """Whole gibibytes, rounded down: a host must not offer memory that it does not have."""
    if not seen.memory:
        return "1g"
    return f"{seen.memory >> 30}g" if seen.memory >> 30 >= 4 else f"{max(seen.memory >> 20, 1)}m"


def _user(seen: Hardware) -> list[str]:
    if not seen.user.uid:
        remark = "  # Only root is known, and engines should not run as root: the owner of models is a guess."
        return [remark, f"  uid: {_GUESSED_USER}", f"  gid: {_GUESSED_USER}"]
    return [f"  uid: {seen.user.uid}", f"  gid: {seen.user.gid}"]


def _files_of(seen: Hardware, kind: str, cards: tuple[SeenCard, ...]) -> list[DeviceFile]:
    nodes = {card.node for card in cards}
    wanted = {"amd": {"/dev/kfd", *nodes}, "intel": {*nodes, *(f"/dev/accel/{name}" for name in seen.accelerators)}}
    return [one for one in seen.files if one.path in wanted[kind]]


def _devices(files: list[DeviceFile], notes: list[str]) -> list[str]:
    groups: dict[str, int] = {}
    for one in files:
        if one.gid == 0:
            notes.append(f"{one.path} belongs to root's group: give it to the group `render` (udev), then detect again")
        elif one.gid not in groups.values():
            groups[_group_name(one, groups)] = one.gid
    lines = []
    if groups:
        lines.append("  groups: {" + ", ".join(f"{name}: {gid}" for name, gid in groups.items()) + "}")
    if files:
        lines.append("  devices: [" + ", ".join(one.path for one in files) + "]")
    return lines


def _group_name(one: DeviceFile, taken: dict[str, int]) -> str:
    name = one.group if one.group and re.match(r"[A-Za-z][A-Za-z0-9_-]*\Z", one.group) else f"group-{one.gid}"
    return name if name not in taken else f"group-{one.gid}"


def _notes(seen: Hardware, kind: str) -> list[str]:
    notes = [*seen.nvidia.notes, *seen.amd.notes, *seen.intel.notes]
    if seen.smi is not None and seen.smi.code != 0:
        notes.append(f"nvidia-smi failed: {seen.smi.complaint or f'exit code {seen.smi.code}'}")
    elif seen.smi is not None and not seen.nvidia.cards:
        notes.append("nvidia-smi listed no GPU")
    elif seen.smi is None and (seen.pci or any(card.vendor == "0x10de" for card in seen.drm)):
        notes.append(
            "an NVIDIA GPU is on the bus, and nvidia-smi is missing: install NVIDIA's driver, then detect again"
        )
    for other, cards in seen.kinds.items():
        if cards and other != kind:
            names = ", ".join(sorted({card.name for card in cards}))
            notes.append(f"left out, since one host file describes one kind of GPU: {names}")
    if seen.wsl:
        notes.append("WSL2: GPUs come through Windows (/dev/dxg); NVIDIA's work, the driver is the one of Windows")
    if seen.accelerators and kind != "intel":
        notes.append(f"left out: {', '.join(f'/dev/accel/{name}' for name in seen.accelerators)} (NPU)")
    return notes


def _unsaid(seen: Hardware) -> list[str]:
    user = seen.user
    found = (
        (not seen.memory, "the machine's memory could not be read: write `memory:` by hand"),
        (not seen.cores, "the number of cores could not be read: write `cores:` by hand"),
        (
            not user.uid,
            "uid and gid are a guess: write those of the user who owns models and caches (`id -u`, `id -g`)",
        ),
        (user.uid and user.because, f"uid {user.uid} is that of {user.because}"),
    )
    return [note for wrong, note in found if wrong]


_BY_HAND = {
    "Darwin": ("sysctl -n hw.memsize", "sysctl -n hw.ncpu", "id -u; id -g"),
    "Windows": ("systeminfo", "echo %NUMBER_OF_PROCESSORS%", "wsl id -u; wsl id -g"),
}


def _by_hand(system: str) -> tuple[str, ...]:
    """The steps for a person on a machine where nothing can be detected."""
    memory, cores, user = _BY_HAND.get(system, ("the system's settings", "the system's settings", "id -u; id -g"))
    return (
        f"{system or 'this system'} is not Linux: nothing was detected, write the file by hand",
        f"memory: {memory}; less what Docker's virtual machine leaves out (`docker info` tells MemTotal)",
        f"cores: {cores}; `docker info` tells NCPU",
        f"uid and gid, of the user who owns models and caches: {user}",
        "gpus: only on Linux hosts; Docker on this system hands out no GPU (WSL2 with NVIDIA: detect inside WSL2)",
    )


def _quoted(text: str) -> str:
    """A text in double quotes: a name from a driver may hold anything."""
    return json.dumps("".join(char if char.isprintable() else "?" for char in text), ensure_ascii=False)
