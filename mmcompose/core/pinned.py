"""Calculates the memory that an offloaded KV cache really pins.

The driver pins memory in blocks whose sizes are powers of two: 33 GiB in one block take 64. Each process of the engine
pins its part, as one block or as one for each layer with a cache.
"""

from __future__ import annotations

from mmcompose.core.sizes import in_bytes
from mmcompose.model import Setting

GIB = 1 << 30
_ITS_OWN = 8 * GIB
"""The memory for the engine besides the cache: its programs, libraries and buffers."""


def held(requested: float, layers: int | None, ranks: int) -> tuple[int, int]:
    """The bytes that a cache of so many GiB really takes: the least and the most."""
    whole = int(requested * GIB)
    found = [_in_blocks(whole, ranks * pieces) for pieces in (1, *([layers] if layers else []))]
    return min(found), max(found) if layers else 2 * whole


def carried(requested: int, room: int, layers: int | None, ranks: int, *, rounded: bool) -> int:
    """The most GiB, up to `requested`, that fit into `room` bytes however the cache is split into blocks."""
    fitting = (
        gib for gib in range(requested, 0, -1) if (held(gib, layers, ranks)[1] if rounded else gib * GIB) <= room
    )
    return next(fitting, 0)


def of(tree: Setting, requested: float) -> tuple[int, int]:
    """The bytes for a service, by the number of its GPUs and of its model's layers."""
    return held(requested, *_pieces(tree))


def room(tree: Setting, limit: str, requested: int, *, rounded: bool) -> int:
    """How many GiB fit below a limit, after the engine's own memory."""
    return carried(requested, in_bytes(limit) - _ITS_OWN, *_pieces(tree), rounded=rounded)


def _pieces(tree: Setting) -> tuple[int | None, int]:
    layers, count = tree.present(("weights", "layers")), tree.present(("gpu", "count"))
    ranks = count.value if count is not None and isinstance(count.value, int) else 1
    return (layers.value if layers is not None else None), max(1, ranks)


def _in_blocks(whole: int, blocks: int) -> int:
    each = -(-whole // blocks)
    return blocks * (1 << (each - 1).bit_length())
