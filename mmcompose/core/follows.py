"""How a value follows from the host and the claim, in words: one row for each way."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from mmcompose.core.sizes import in_bytes
from mmcompose.model import Machine, Setting

Value = int | float | str | None
Way = Callable[[str, Setting, Machine], Value]

FP8 = (8, 9)
"""The first compute capability whose tensor cores calculate with eight-bit floats."""


def follows(words: str, tree: Setting, machine: Machine) -> Value:
    """What `words` come to for this service on this host; None where they come to nothing."""
    for pattern, way in WAYS:
        match = pattern.fullmatch(words)
        if match:
            return way(match[1], tree, machine)
    return None


def _count(_: str, tree: Setting, __: Machine) -> Value:
    """One GPU is what every engine takes by itself."""
    count = tree.said(("gpu", "count"))
    return int(count.value) if count is not None and count.value > 1 else None


def _share(_: str, tree: Setting, machine: Machine) -> Value:
    """Rounded down: together they may not take more than they claimed."""
    vram = tree.said(("gpu", "vram"))
    if vram is None or not machine.gpus:
        return None
    return in_bytes(vram.value) * 100 // min(in_bytes(card.vram) for card in machine.gpus) / 100


def _memory(part: str, _: Setting, machine: Machine) -> Value:
    return in_bytes(machine.memory) * int(part) // 100 >> 30


def _fp8(word: str, _: Setting, machine: Machine) -> Value:
    """A host file that does not tell what its cards can do promises nothing."""
    able = [tuple(map(int, card.compute.split("."))) >= FP8 for card in machine.gpus if card.compute]
    return word if able and len(able) == len(machine.gpus) and all(able) else None


WAYS: Sequence[tuple[re.Pattern[str], Way]] = (
    (re.compile("(gpu count)"), _count),
    (re.compile("(vram share)"), _share),
    (re.compile("([0-9]{1,2})% of host memory"), _memory),
    (re.compile("([a-z0-9_]+) where the gpu has fp8"), _fp8),
)
