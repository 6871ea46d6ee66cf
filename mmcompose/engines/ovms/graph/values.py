"""Checks whether a scalar is a valid value of its field, by the rules of the text parser."""

from __future__ import annotations

import math
import re

from mmcompose.engines.flags.nearest import did_you_mean
from mmcompose.engines.ovms.catalogue import Catalogue, Field, value_since
from mmcompose.engines.ovms.graph.tree import Scalar

RANGES = {
    "int32": (-(2**31), 2**31 - 1),
    "int64": (-(2**63), 2**63 - 1),
    "uint32": (0, 2**32 - 1),
    "uint64": (0, 2**64 - 1),
}
_BOOLS = {"true", "false", "t", "f", "True", "False", "0", "1"}
_INTEGER = re.compile(r"-?(0[xX][0-9A-Fa-f]+|0[0-7]*|[1-9][0-9]*)")

Wrong = tuple[str, str, str]


def bad_scalar(value: Scalar, field: Field, catalogue: Catalogue) -> Wrong | None:
    """Message, hint and rule of a scalar that is not valid; None for a valid one."""
    if field.type in catalogue.enums:
        return _bad_enum(value, field, catalogue)
    quoted = "drop the quotes" if value.kind == "string" else ""
    if field.type == "string":
        if value.kind == "string":
            return None
        return f"must be a string, not {value.text}", "put it in quotes", "ovms-type"
    if field.type == "bool":
        if value.kind != "string" and value.text in _BOOLS:
            return None
        return f"must be true or false, not {_shown(value)}", quoted, "ovms-type"
    if field.type == "float":
        if value.kind != "string" and number(value.text) is not None:
            return None
        return f"must be a number, not {_shown(value)}", quoted, "ovms-type"
    whole = integer(value.text) if value.kind != "string" else None
    lowest, highest = RANGES[field.type]
    if whole is None:
        return f"must be a whole number, not {_shown(value)}", quoted, "ovms-type"
    if not lowest <= whole <= highest:
        return f"must lie between {lowest} and {highest}, not {value.text}", "", "ovms-type"
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


def _shown(value: Scalar) -> str:
    text = value.text if len(value.text) <= 40 else value.text[:37] + "..."
    return f'the string "{text}"' if value.kind == "string" else text
