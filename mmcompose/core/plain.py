"""Makes text plain: no text of a file, an engine, a label or a log steers a terminal or a CI runner.

`streams.PlainStream` applies this to everything that is written, so no caller has to care about it.
"""

from __future__ import annotations

import re
from typing import Any

_COLOUR = r"\x1b\[[0-9;:]*m"
_STEERING = "[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]"
"""All control characters but tab and line feed; those that change the direction of writing; separators that some
programs read as a new line."""

_COMMAND = r"(?m)^(?P<blank>\s*)::"
_HELD = r"\g<blank>\\::"
_BRACKET = r"##(?=(?:vso|teamcity)?\[)"
"""How CI runners know a command in a log: `::name::` where a line begins, `##[name]` or `##vso[name]` anywhere."""


def visible(text: str, *, begins: bool = True) -> str:
    """`begins`: the text stands where a line begins. Colours are dropped, all else stays and can be seen."""
    if "::" not in text and "##" not in text and text.replace("\n", "").isprintable():
        return text  # most texts are plain: the first that is not compiles the patterns
    shown = re.sub(_STEERING, _escape, re.sub(_COLOUR, "", text))
    shown = re.sub(_BRACKET, r"#\\#", shown)
    if begins or "\n" in shown:
        head, middle, rest = ("", "", shown) if begins else shown.partition("\n")
        shown = f"{head}{middle}{re.sub(_COMMAND, _HELD, rest)}"
    return shown


def one_line(text: str) -> str:
    """For foreign text: it begins no line of its own."""
    return text.replace("\r\n", "\n").replace("\n", "\\n")


def in_json(data: Any, **form: Any) -> str:
    """JSON in which all that `visible` would touch is an escape, so that its reader gets every character."""
    import json

    text = re.sub(_STEERING, lambda found: f"\\u{ord(found[0]):04x}", json.dumps(data, **form))
    return re.sub(_BRACKET, "\\\\u0023#", text)


def _escape(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
