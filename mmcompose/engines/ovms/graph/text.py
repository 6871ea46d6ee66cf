"""Writes values in protobuf text format."""

from __future__ import annotations

import math
import re
from typing import Self

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NAMED = {"\n": r"\n", "\r": r"\r", "\t": r"\t", '"': r"\"", "\\": r"\\"}


class Enum(str):
    """A name without quotes: the value of an enum, or the name of a field."""

    __slots__ = ()

    def __new__(cls, name: str) -> Self:
        """Refuses names that would need quotes, so that no name can add further text."""
        if not _NAME.fullmatch(name):
            raise ValueError(f"not a bare word: {name!r}")
        return super().__new__(cls, name)


def pbtxt_scalar(value: object) -> str:
    """Writes one value: strings quoted and escaped, numbers, booleans and bare names as they are."""
    if isinstance(value, Enum):
        return str(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(int(value))
    if isinstance(value, float):
        return repr(value) if math.isfinite(value) else "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"
    if isinstance(value, str):
        return f'"{"".join(_escaped(char) for char in value)}"'
    raise TypeError(f"protobuf text format has no form for {type(value).__name__}")


def _escaped(char: str) -> str:
    if char in _NAMED:
        return _NAMED[char]
    if char.isprintable():
        return char
    if "\ud800" <= char <= "\udfff":
        raise ValueError(f"half of a surrogate pair (U+{ord(char):04X}) is no text")
    return "".join(f"\\{byte:03o}" for byte in char.encode())
