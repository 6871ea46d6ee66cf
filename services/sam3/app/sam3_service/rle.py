"""Masks as run lengths, as COCO writes them: column by column, starting with the length of the first run of zeros.

Two spellings of the counts: a list of numbers, or a short string in which each number stands for its difference to the
one before the last, in groups of five bits, lowest first, each group written as one character from `0` on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

GROUP = 5
VALUE, SIGN, MORE = 0x1F, 0x10, 0x20
FIRST_CHARACTER = 48


class Rle(TypedDict):
    size: list[int]  # height, width
    counts: list[int] | str


def encode(mask: NDArray[np.bool_], *, compressed: bool) -> Rle:
    counts = runs(mask)
    return {"size": list(mask.shape), "counts": squeezed(counts) if compressed else counts}


def decode(rle: Rle) -> NDArray[np.bool_]:
    height, width = rle["size"]
    counts = expanded(rle["counts"]) if isinstance(rle["counts"], str) else rle["counts"]
    if any(count < 0 for count in counts) or sum(counts) != height * width:
        raise ValueError(f"the run lengths do not fill a mask of {height}x{width}")
    values = np.arange(len(counts)) % 2 == 1
    return np.repeat(values, counts).reshape((height, width), order="F")


def runs(mask: NDArray[np.bool_]) -> list[int]:
    flat = np.asarray(mask, dtype=np.bool_).ravel(order="F")
    changes = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    lengths = np.diff(np.concatenate(([0], changes, [flat.size])))
    counts: list[int] = lengths.tolist()
    return [0, *counts] if flat.size and flat[0] else counts


def squeezed(counts: list[int]) -> str:
    characters = bytearray()
    for place, count in enumerate(counts):
        rest = count - counts[place - 2] if place > 2 else count
        more = True
        while more:
            group = rest & VALUE
            rest >>= GROUP
            more = rest != (-1 if group & SIGN else 0)
            characters.append(FIRST_CHARACTER + (group | MORE if more else group))
    return characters.decode("ascii")


def expanded(text: str) -> list[int]:
    counts: list[int] = []
    number = shift = 0
    for character in text.encode("ascii"):
        group = character - FIRST_CHARACTER
        if not 0 <= group < 2 * MORE:
            raise ValueError(f"{chr(character)!r} does not belong in compressed run lengths")
        number |= (group & VALUE) << shift
        shift += GROUP
        if not group & MORE:
            if group & SIGN:
                number -= 1 << shift
            counts.append(number + counts[-2] if len(counts) > 2 else number)
            number = shift = 0
    if shift:
        raise ValueError("the compressed run lengths break off")
    return counts
