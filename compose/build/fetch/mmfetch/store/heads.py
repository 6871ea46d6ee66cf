"""A last look at a model file: is its head what its name says, and is the file as long as the head promises?

Only the head is read, and every number in it is checked before it is used.
"""

from __future__ import annotations

import json
import os
import struct
from pathlib import Path
from typing import Any

MOST_HEAD = 100_000_000
"""Bytes; the limit of the safetensors library itself."""
_MOST_TENSORS = 65_536


def fault(path: Path, name: str) -> str:
    """What is wrong with the file of this name; nothing if it is whole or of another kind."""
    if name.endswith(".safetensors"):
        return _safetensors(path)
    if name.endswith(".gguf"):
        return _gguf(path)
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


def _gguf(path: Path) -> str:
    size = os.path.getsize(path)
    with open(path, "rb") as file:
        head = file.read(24)
    if head[:4] != b"GGUF":
        return f"is no GGUF file: it begins with {head[:4]!r}"
    if len(head) < 24:
        return "is cut off: a GGUF file has at least 24 bytes"
    order = "<" if struct.unpack("<I", head[4:8])[0] < 1 << 16 else ">"
    version, tensors, keys = struct.unpack(f"{order}IQQ", head[4:])
    if not 1 <= version <= 3:
        return f"is a GGUF file of version {version}, which no engine reads"
    # Version 1 counted in 32 bits.
    if version > 1 and (tensors > _MOST_TENSORS * 16 or keys > _MOST_TENSORS * 16 or tensors * 24 + keys * 12 > size):
        return f"is cut off or damaged: it promises {tensors} tensors and {keys} keys in {size} bytes"
    return ""
