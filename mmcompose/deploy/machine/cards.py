"""Reads GPUs from the output of tools and the kernel: texts in, cards out."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

QUERY = (
    "index", "name", "uuid", "memory.total", "driver_version", "mig.mode.current", "compute_cap", "display_active",
)  # fmt: skip
"""The columns of our nvidia-smi query. A driver too old for one of the last refuses the whole query."""
OLDEST = 5
"""The number of columns that every driver knows."""

NVIDIA, AMD, INTEL = "0x10de", "0x1002", "0x8086"

_MEBIBYTES = re.compile(r"(\d+)\s*(MiB|GiB)?\Z")
_GPU_LINE = re.compile(r"GPU (?P<index>\d+): (?P<name>.+?) \(UUID: (?P<uuid>[^)]+)\)")
_MIG_LINE = re.compile(r"\s+MIG (?P<profile>\S+)\s+Device\s+\d+: \(UUID: (?P<uuid>[^)]+)\)")
_MIG_MEMORY = re.compile(r"\.(\d+)gb")
_COMPUTE = re.compile(r"\d{1,2}\.\d\Z")
_UUID = re.compile(r"[A-Za-z0-9-]+\Z")
_LONGEST = 80


@dataclass(frozen=True, slots=True)
class SeenCard:
    """One GPU, or one part of a GPU that is split. `vram` is in bytes; None if nothing reports it."""

    vendor: str
    name: str
    vram: int | None = None
    uuid: str | None = None
    driver: str | None = None
    index: int = 0
    integrated: bool = False
    node: str | None = None
    remark: str = ""
    compute: str | None = None
    """The compute capability of an NVIDIA card, such as 8.9."""
    desktop: bool = False
    """Whether it drives a screen, for which it keeps some of its memory."""


@dataclass(frozen=True, slots=True)
class DrmCard:
    """A card as /sys/class/drm shows it: the texts of its files, and its render node."""

    name: str
    vendor: str
    device: str = ""
    address: str = ""
    node: str | None = None
    files: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Read:
    """The cards, and the faults of reading."""

    cards: tuple[SeenCard, ...] = ()
    notes: tuple[str, ...] = ()


def nvidia(table: str, listing: str = "") -> Read:
    """Reads `nvidia-smi --query-gpu=… --format=csv,noheader` and, for split cards, `nvidia-smi -L`."""
    cards: list[SeenCard] = []
    notes: list[str] = []
    parts = _parts(listing)
    for line in table.splitlines():
        if not line.strip():
            continue
        cells = next(csv.reader([line], skipinitialspace=True), [])
        cells = [cell.strip() for cell in cells]
        if not OLDEST <= len(cells) <= len(QUERY) or not re.fullmatch("[0-9]+", cells[0]):
            notes.append(f"nvidia-smi printed a line that is no GPU: {_shortened(line)}")
            continue
        index, name, uuid, memory, driver, *later = cells
        mig, compute, display = [*later, "", "", ""][:3]
        card = SeenCard(
            "nvidia",
            name,
            in_bytes(memory),
            _usable(uuid),
            _version(driver),
            int(index),
            compute=compute if _COMPUTE.match(compute) else None,
            desktop=display.lower() == "enabled",
        )
        if mig.lower() == "enabled":
            split = parts.get(uuid, ())
            if not split:
                notes.append(f"GPU {index} is in MIG mode and has no parts: `nvidia-smi mig -cgi … -C` makes them")
            cards += [_part(card, profile, inside) for profile, inside in split]
        else:
            cards.append(card)
    return Read(tuple(cards), tuple(notes))


def _parts(listing: str) -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    here: list[tuple[str, str]] = []
    for line in listing.splitlines():
        if match := _GPU_LINE.match(line):
            here = found.setdefault(match["uuid"], [])
        elif match := _MIG_LINE.match(line):
            here.append((match["profile"], match["uuid"]))
    return found


def _part(card: SeenCard, profile: str, uuid: str) -> SeenCard:
    """A part of a card. A MIG profile names decimal gigabytes, a little less than the part has."""
    size = _MIG_MEMORY.search(profile)
    vram = int(size[1]) * 10**9 if size else None
    remark = "its size is the one in the name of the MIG profile"
    name = f"{card.name} MIG {profile}"
    return replace(card, name=name, vram=vram, uuid=_usable(uuid), remark=remark, desktop=False)


def in_bytes(text: str) -> int | None:
    """The bytes of `12282 MiB`; None for `[N/A]`, as cards that share the machine's memory print."""
    match = _MEBIBYTES.match(text.strip())
    return int(match[1]) << (30 if match[2] == "GiB" else 20) if match else None


def _usable(uuid: str) -> str | None:
    return uuid if _UUID.match(uuid) else None


def _version(text: str) -> str | None:
    return text if re.match(r"\d+(\.\d+)*\Z", text) else None


def _shortened(line: str) -> str:
    text = "".join(char if char.isprintable() else "?" for char in line.strip())
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def amd(cards: Sequence[DrmCard]) -> Read:
    """An AMD card: amdgpu reports the memory and, for some cards, the name."""
    found = [
        SeenCard(
            "amd",
            card.files.get("product_name", "").strip() or f"AMD GPU {card.device}",
            _number(card.files.get("mem_info_vram_total", "")),
            index=index,
            node=card.node,
        )
        for index, card in enumerate(_with_nodes(cards, AMD))
    ]
    return Read(tuple(found), _without_nodes(cards, AMD, "amdgpu"))


def intel(cards: Sequence[DrmCard]) -> Read:
    """An Intel card. An integrated GPU sits at a fixed place of the bus and has no memory of its own."""
    found = []
    for index, card in enumerate(_with_nodes(cards, INTEL)):
        integrated = card.address.endswith(":00:02.0")
        vram = _number(card.files.get("lmem_total_bytes", ""))
        window = None if integrated or vram else _largest_window(card.files.get("resource", ""))
        remark = "as large as the card's window on the bus; correct it if the card has more" if window else ""
        name = f"Intel {'integrated' if integrated else 'GPU'} {card.device}".strip()
        found.append(
            SeenCard("intel", name, vram or window, index=index, integrated=integrated, node=card.node, remark=remark)
        )
    return Read(tuple(found), _without_nodes(cards, INTEL, "i915 or xe"))


def _with_nodes(cards: Sequence[DrmCard], vendor: str) -> list[DrmCard]:
    return sorted((card for card in cards if card.vendor == vendor and card.node), key=lambda card: card.node or "")


def _without_nodes(cards: Sequence[DrmCard], vendor: str, driver: str) -> tuple[str, ...]:
    return tuple(
        f"{card.name} has no render node: is its driver ({driver}) loaded?"
        for card in cards
        if card.vendor == vendor and not card.node
    )


def _number(text: str) -> int | None:
    return int(text) if text.strip().isascii() and text.strip().isdigit() and int(text) > 0 else None


def _largest_window(resource: str) -> int | None:
    """The largest window of a PCI device, from its `resource` file: start, end, flags."""
    sizes = []
    for line in resource.splitlines():
        columns = line.split()
        try:
            start, end = int(columns[0], 16), int(columns[1], 16)
        except (ValueError, IndexError):
            continue
        if end > start:
            sizes.append(end - start + 1)
    return max(sizes, default=None)
