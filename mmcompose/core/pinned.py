"""How much of a machine's memory an offloaded KV cache really holds.

Memory that a GPU may read is pinned in blocks whose sizes are powers of two: 33 GiB as one block take 64. Each process
of the engine pins its part, as one block or as one for each layer that keeps a cache.
"""

from __future__ import annotations

from mmcompose.core.sizes import in_bytes
from mmcompose.model import Setting

GIB = 1 << 30
ITS_OWN = 8 * GIB
"""What the engine is left beside it: its programs, libraries and buffers."""


def held(asked: float, layers: int | None, ranks: int) -> tuple[int, int]:
    """The bytes that so many GiB hold at least, and at most, as far as the number of layers is known."""
    whole = int(asked * GIB)
    found = [_in_blocks(whole, ranks * pieces) for pieces in (1, *([layers] if layers else []))]
    return min(found), max(found) if layers else 2 * whole


def carried(asked: int, room: int, layers: int | None, ranks: int, *, rounded: bool) -> int:
    """The most GiB, up to what is asked for, that a room of so many bytes carries whatever the blocks are."""
    fitting = (gib for gib in range(asked, 0, -1) if (held(gib, layers, ranks)[1] if rounded else gib * GIB) <= room)
    return next(fitting, 0)


def of(tree: Setting, asked: float) -> tuple[int, int]:
    """The same for a service: its GPUs and its model tell the rest."""
    return held(asked, *_pieces(tree))


def room(tree: Setting, limit: str, asked: int, *, rounded: bool) -> int:
    """What of the GiB that are asked for fits a limit and leaves the engine its own."""
    return carried(asked, in_bytes(limit) - ITS_OWN, *_pieces(tree), rounded=rounded)


def _pieces(tree: Setting) -> tuple[int | None, int]:
    layers, count = tree.said(("weights", "layers")), tree.said(("gpu", "count"))
    ranks = count.value if count is not None and isinstance(count.value, int) else 1
    return (layers.value if layers is not None else None), max(1, ranks)


def _in_blocks(whole: int, blocks: int) -> int:
    each = -(-whole // blocks)
    return blocks * (1 << (each - 1).bit_length())
