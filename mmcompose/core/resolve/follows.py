"""Calculates values that follow from the host and the claim, such as `gpu count`: one row for each form."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from mmcompose.core import pinned
from mmcompose.core.sizes import in_bytes
from mmcompose.engines.flags.versions import older
from mmcompose.model import Machine, Setting, parse_path

Value = int | float | str | None
Way = Callable[[re.Match[str], Setting, Machine], Value]

FP8 = (8, 9)
"""The first compute capability with eight-bit floats in its tensor cores."""


def follows(derivation: str, tree: Setting, machine: Machine) -> Value:
    """The value that a derivation has for this service on this host, or None."""
    for pattern, way in WAYS:
        match = pattern.fullmatch(derivation)
        if match:
            return way(match, tree, machine)
    return None


def speaks(derivation: str) -> bool:
    """Whether a text is a derivation such as `gpu count`, and not a plain value."""
    return any(pattern.fullmatch(derivation) for pattern, _ in WAYS)


def _count(_: re.Match[str], tree: Setting, __: Machine) -> Value:
    """The number of GPUs; None for one GPU, since every engine uses one by default."""
    count = tree.present(("gpu", "count"))
    return int(count.value) if count is not None and count.value > 1 else None


def _share(_: re.Match[str], tree: Setting, machine: Machine) -> Value:
    """The claim's share of a card, rounded down: together the services may not take more than they claimed."""
    vram = tree.present(("gpu", "vram"))
    if vram is None or not machine.gpus:
        return None
    return in_bytes(vram.value) * 100 // min(in_bytes(card.vram) for card in machine.gpus) / 100


def _memory(match: re.Match[str], _: Setting, machine: Machine) -> Value:
    return in_bytes(machine.memory) * int(match[1]) // 100 >> 30


def _memory_within(match: re.Match[str], tree: Setting, machine: Machine) -> Value:
    """A part of the host's memory, and never more than a limit; an unknown release gets the smaller size."""
    requested, limit = in_bytes(machine.memory) * int(match[1]) // 100 >> 30, tree.present(parse_path(match[2]))
    rounded = match[3] is not None and older(_release(tree), match[3]) is not False
    room = machine.memory if limit is None else limit.value
    return pinned.room(tree, room, requested, rounded=rounded) or None


def _size_and(match: re.Match[str], tree: Setting, _: Machine) -> Value:
    """A size plus the GiB of a setting, plus one GiB for the rest."""
    more = tree.present(parse_path(match[2]))
    if more is None or not isinstance(more.value, int | float) or (match[3] and older(_release(tree), match[3])):
        return match[1]
    whole = max(in_bytes(match[1]), in_bytes(f"{more.value}g") + pinned.GIB) >> 20
    return f"{whole}m" if whole % 1024 else f"{whole >> 10}g"


def _fp8(match: re.Match[str], _: Setting, machine: Machine) -> Value:
    """The value, where every card in the host file has eight-bit floats."""
    able = [tuple(map(int, card.compute.split("."))) >= FP8 for card in machine.gpus if card.compute]
    return match[1] if able and len(able) == len(machine.gpus) and all(able) else None


def _indivisible(match: re.Match[str], tree: Setting, _: Machine) -> Value:
    count = tree.present(("gpu", "count"))
    return match[1] if count is not None and count.value > 1 and int(match[2]) % count.value else None


def _desktop(match: re.Match[str], _: Setting, machine: Machine) -> Value:
    return float(match[1]) if any(card.desktop for card in machine.gpus) else None


def _architectures(_: re.Match[str], tree: Setting, machine: Machine) -> Value:
    """The architectures of the GPUs in CMake's form: `90-real`; the build decides if the host file has no
    `compute:`."""
    count = tree.present(("gpu", "count"))
    known = {card.compute for card in machine.gpus}
    if count is None or not count.value or None in known:
        return None
    return ";".join(f"{name}-real" for name in sorted({str(c).replace(".", "") for c in known}, key=int)) or None


def _and_weights(match: re.Match[str], tree: Setting, _: Machine) -> Value:
    """The minutes of a start plus those of a download, where the engine itself fetches the weights."""
    minutes, size, who = int(match[1]), tree.present(("weights", "size")), tree.present(("weights", "fetch"))
    if size is not None and who is not None and who.value == "engine":
        minutes += -(-in_bytes(size.value) * 8 // (int(match[2]) * 1_000_000 * 60))
    return f"{minutes}m"


def _release(tree: Setting) -> str | None:
    version = tree.present(("engine_version",)) or tree.present(("version",))
    return None if version is None else str(version.value)


WAYS: Sequence[tuple[re.Pattern[str], Way]] = (
    (re.compile("gpu count"), _count),
    (re.compile("vram share"), _share),
    (re.compile("([0-9]{1,2})% of host memory"), _memory),
    (re.compile("([0-9]{1,2})% of host memory within ([a-z_.]+)(?:, pinned before ([0-9.]+))?"), _memory_within),
    (re.compile("([0-9]+[mg]) and ([a-z_.]+)(?: from ([0-9.]+) on)?"), _size_and),
    (re.compile("([a-z0-9_]+) where the gpu has fp8"), _fp8),
    (re.compile("([a-z0-9_]+) where the gpus do not divide ([0-9]+)"), _indivisible),
    (re.compile("([0-9.]+) where the gpu drives a desktop"), _desktop),
    (re.compile("cuda architectures of the gpus"), _architectures),
    (re.compile("([0-9]+)m and the weights at ([0-9]+) Mbit/s"), _and_weights),
)
