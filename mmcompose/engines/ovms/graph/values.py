"""Checks whether a scalar is a valid value of its field, by the rules of the text parser."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping

from mmcompose.engines.flags.nearest import did_you_mean
from mmcompose.engines.ovms.catalogue import Catalogue, Field, value_since
from mmcompose.engines.ovms.graph.text_tree import Scalar

RANGES = {
    "int32": (-(2**31), 2**31 - 1),
    "int64": (-(2**63), 2**63 - 1),
    "uint32": (0, 2**32 - 1),
    "uint64": (0, 2**64 - 1),
}
_TRUE, _FALSE = ("true", "t", "True", "1"), ("false", "f", "False", "0")
_INTEGER = re.compile(r"-?(0[xX][0-9A-Fa-f]+|0[0-7]*|[1-9][0-9]*)")

Wrong = tuple[str, str, str]


def bad_scalar(value: Scalar, field: Field, catalogue: Catalogue) -> Wrong | None:
    """Message, hint and rule of a scalar that is not valid; None for a valid one."""
    if field.type in catalogue.enums:
        return _bad_enum(value, field, catalogue)
    text = None if value.kind == "string" else value.text
    if field.type == "string":
        return None if text is None else (f"must be a string, not {text}", "put it in quotes", "ovms-type")
    found = READ[field.type](text) if text is not None else None
    if found is None:
        wanted = {"bool": "true or false", "float": "a number"}.get(field.type, "a whole number")
        return f"must be {wanted}, not {_shown(value)}", "" if text else "drop the quotes", "ovms-type"
    lowest, highest = RANGES.get(field.type, (0, 0))
    if field.type in RANGES and not lowest <= found <= highest:
        return f"must lie between {lowest} and {highest}, not {text}", "", "ovms-type"
    return None


def _bad_enum(value: Scalar, field: Field, catalogue: Catalogue) -> Wrong | None:
    choices = catalogue.enums[field.type]
    if value.kind == "string":
        return f"must be a bare word, not {_shown(value)}", "drop the quotes", "ovms-enum"
    if value.text in choices or integer(value.text) in choices.values():
        return None
    since = value_since(field.type, value.text)
    hint = f"{value.text} comes with {since}" if since else did_you_mean(value.text, choices)
    return f"{value.text} is not one of {', '.join(choices)}", hint, "ovms-enum"


def integer(text: str) -> int | None:
    """A whole number in text format: decimal, 0x hexadecimal, or octal behind a 0."""
    if len(text) > 40 or not _INTEGER.fullmatch(text):
        return None
    digits = text.lstrip("-")
    base = 16 if digits[:2] in {"0x", "0X"} else 8 if digits.startswith("0") else 10
    return int(text, base)


def number(text: str) -> float | None:
    """A floating point number in text format; a closing f is allowed."""
    if re.fullmatch(r"-?(inf(inity)?|nan)f?", text, re.IGNORECASE):
        return math.nan if "nan" in text.lower() else math.inf
    if re.fullmatch(r"-?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?[fF]?", text):
        return float(text.rstrip("fF"))
    return None


READ: Mapping[str, Callable[[str], float | None]] = {
    **dict.fromkeys(RANGES, integer),
    "float": number,
    "bool": {**dict.fromkeys(_TRUE, True), **dict.fromkeys(_FALSE, False)}.get,
}
"""Reads a bare word or number as a value of its type; None where it is none."""


def _shown(value: Scalar) -> str:
    text = value.text if len(value.text) <= 40 else value.text[:37] + "..."
    return f'the string "{text}"' if value.kind == "string" else text
