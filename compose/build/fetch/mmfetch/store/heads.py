"""A last look at a model file: is its head what its name says, and is the file as long as the head promises?

Only the head is read, and every number in it is checked before it is used.
"""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

from mmfetch.store import gguf

MOST_HEAD = 100_000_000
"""Bytes; the limit of the safetensors library itself."""


def fault(path: Path, name: str) -> str:
    """What is wrong with the file of this name; nothing if it is whole or of another kind."""
    if name.endswith(".safetensors"):
        return _safetensors(path)
    if name.endswith(".gguf"):
        return gguf.fault(path)
    return ""


def _safetensors(path: Path) -> str:
    size = path.stat().st_size
    with open(path, "rb") as file:
        first = file.read(8)
        if len(first) < 8:
            return "is no safetensors file: it has fewer than 8 bytes"
        length = struct.unpack("<Q", first)[0]
        if not 2 <= length <= min(MOST_HEAD, size - 8):
            return f"is no safetensors file: its head would have {length} bytes, the file has {size}"
        try:
            head = json.loads(file.read(length))
        except (ValueError, RecursionError):
            return "is no safetensors file: its head is no JSON"
    ends = _ends(head)
    if ends is None:
        return "is no safetensors file: its head does not name tensors"
    if 8 + length + ends != size:
        return f"is cut off or too long: its head promises {8 + length + ends} bytes, the file has {size}"
    return ""


def _ends(head: Any) -> int | None:
    """The last byte that a tensor uses."""
    if not isinstance(head, dict):
        return None
    ends = 0
    for name, tensor in head.items():
        if name == "__metadata__":
            continue
        offsets = tensor.get("data_offsets") if isinstance(tensor, dict) else None
        if not isinstance(offsets, list) or len(offsets) != 2 or not all(isinstance(end, int) for end in offsets):
            return None
        ends = max(ends, offsets[1])
    return ends
