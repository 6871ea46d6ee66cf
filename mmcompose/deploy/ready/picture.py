"""Makes a small image with letters on it: the first page that an OCR engine has to read."""

from __future__ import annotations

import base64
import struct
import zlib

TEXT = "READY 42"

_LETTERS = {
    "R": "11110 10001 10001 11110 10100 10010 10001",
    "E": "11111 10000 10000 11110 10000 10000 11111",
    "A": "01110 10001 10001 11111 10001 10001 10001",
    "D": "11110 10001 10001 10001 10001 10001 11110",
    "Y": "10001 10001 01010 00100 00100 00100 00100",
    "4": "00010 00110 01010 10010 11111 00010 00010",
    "2": "01110 10001 00001 00110 01000 10000 11111",
    " ": "00000 00000 00000 00000 00000 00000 00000",
}
_DOT = 6
_MARGIN = 4


def data_url(text: str = TEXT) -> str:
    return "data:image/png;base64," + base64.b64encode(png(text)).decode()


def png(text: str = TEXT) -> bytes:
    """Grey, one byte a pixel, dark letters on white."""
    rows = [_row(text, line) for line in range(7)]
    width = len(rows[0]) * _DOT
    blank = b"\x00" + b"\xff" * width
    drawn = [b"\x00" + b"".join(bytes([0x10 if dot else 0xFF]) * _DOT for dot in row) for row in rows]
    edge = [blank] * (_MARGIN * _DOT)
    lines = [*edge, *(line for line in drawn for _ in range(_DOT)), *edge]
    header = struct.pack(">IIBBBBB", width, len(lines), 8, 0, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(b"".join(lines), 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in parts)


def _row(text: str, line: int) -> list[bool]:
    dots = [False] * _MARGIN
    for letter in text:
        dots += [dot == "1" for dot in _LETTERS[letter].split()[line]] + [False]
    return dots + [False] * _MARGIN


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
