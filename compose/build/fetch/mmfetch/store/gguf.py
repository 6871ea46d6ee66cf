"""The head of a GGUF file, read only as far as it says how long the file has to be.

Every count is held against the bytes that are left before anything is read by it.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

MOST_HEAD = 256 << 20
"""Bytes; the largest vocabularies take some ten million."""

NUMBERS: Mapping[int, int] = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
"""Kind of a value → its bytes; texts and lists are read by their lengths. No engine reads lists of lists."""
TEXT, LIST = 8, 9

# fmt: off
BLOCKS: Mapping[int, tuple[int, int]] = {
    0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34), 9: (32, 40),
    10: (256, 84), 11: (256, 110), 12: (256, 144), 13: (256, 176), 14: (256, 210), 15: (256, 292), 16: (256, 66),
    17: (256, 74), 18: (256, 98), 19: (256, 50), 20: (32, 18), 21: (256, 110), 22: (256, 82), 23: (256, 136),
    24: (1, 1), 25: (1, 2), 26: (1, 4), 27: (1, 8), 28: (1, 8), 29: (256, 56), 30: (1, 2),
}
# fmt: on
"""Type of a tensor → values in a block, and its bytes. The end of a tensor of another type is not known."""


class Broken(Exception):  # noqa: N818
    """The head contradicts itself or the size of the file."""


def fault(path: Path) -> str:
    """What is wrong with a file that is named as GGUF."""
    size = path.stat().st_size
    with path.open("rb") as file:
        magic = file.read(4)
        if magic != b"GGUF":
            return f"is no GGUF file: it begins with {magic!r}"
        try:
            needed = _Head(file, size).end()
        except Broken as broken:
            return f"is cut off or damaged: {broken}"
    return "" if needed <= size else f"is cut off: its head promises {needed} bytes, the file has {size}"


class _Head:
    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file = file
        self._size = size
        version = self._read(4)
        # A big number here is a small one of the other order of bytes.
        self._order = "<" if struct.unpack("<I", version)[0] < 1 << 16 else ">"
        self._version = int(struct.unpack(f"{self._order}I", version)[0])
        self._alignment = 32

    def end(self) -> int:
        """The bytes that the file has at least."""
        if not 1 <= self._version <= 3:
            raise Broken(f"it names version {self._version}, which no engine reads")
        if self._version == 1:
            return self._file.tell()
        tensors, keys = self._number(8), self._number(8)
        if tensors * 24 + keys * 13 > self._size:
            raise Broken(f"it promises {tensors} tensors and {keys} keys in {self._size} bytes")
        for _ in range(keys):
            name = self._text()
            self._value(name, self._number(4))
        ends = [self._tensor() for _ in range(tensors)]
        head = self._file.tell()
        return -(-head // self._alignment) * self._alignment + max(ends) if ends else head

    def _tensor(self) -> int:
        """The end of a tensor, from the beginning of the data."""
        self._text()
        dimensions = self._number(4)
        if dimensions > 8:
            raise Broken(f"a tensor has {dimensions} dimensions")
        count = 1
        for _ in range(dimensions):
            count *= self._number(8)
        kind, offset = self._number(4), self._number(8)
        values, room = BLOCKS.get(kind, (1, 0))
        return offset + -(-count // values) * room

    def _value(self, name: bytes, kind: int) -> None:
        if kind == TEXT:
            self._text()
        elif kind == LIST:
            inner, count = self._number(4), self._number(8)
            if inner in NUMBERS:
                self._skip(NUMBERS[inner] * count)
            elif inner == TEXT and count * 8 <= self._size:
                for _ in range(count):
                    self._text()
            else:
                raise Broken(f"{name!r} is a list of {count} values of kind {inner}")
        elif kind in NUMBERS:
            value = self._number(NUMBERS[kind])
            if name == b"general.alignment" and 0 < value <= 1 << 20:
                self._alignment = value
        else:
            raise Broken(f"{name!r} has a value of kind {kind}")

    def _text(self) -> bytes:
        length = self._number(8)
        if length > 1000:
            self._skip(length)
            return b""
        return self._read(length)

    def _number(self, count: int) -> int:
        return int.from_bytes(self._read(count), "little" if self._order == "<" else "big")

    def _skip(self, count: int) -> None:
        place = self._file.tell() + count
        if place > min(self._size, MOST_HEAD):
            raise Broken(f"its head would have {place} bytes, the file has {self._size}")
        self._file.seek(place)

    def _read(self, count: int) -> bytes:
        data = self._file.read(count)
        if len(data) < count or self._file.tell() > MOST_HEAD:
            raise Broken("it ends within its head")
        return data
