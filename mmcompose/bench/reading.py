"""Reads JSON of unknown origin as harmless data: plain numbers, and text that moves no terminal and can be written."""

from __future__ import annotations

import json
import math
import re
from typing import Any

_HARMFUL = re.compile("[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u202a-\\u202e\\u2066-\\u2069\\ud800-\\udfff]")


def parsed(text: str) -> Any:
    """The data. Raises ValueError, and RecursionError for endless nesting."""
    # NaN and the infinities stand for values that could not be measured.
    read = json.loads(text, parse_constant=lambda _: None, parse_float=_float, parse_int=_int)
    # Without an escape nothing harmful but a raw character can stand in a JSON text.
    return _harmless(read) if "\\u" in text or _HARMFUL.search(text) else read


def _float(text: str) -> float | None:
    number = float(text)
    return number if math.isfinite(number) else None


def _int(text: str) -> int | None:
    """A whole number of at most eighteen digits; none of our counts needs more, and no chart can draw more."""
    return int(text) if len(text) < 19 else None


def _harmless(value: Any) -> Any:
    if isinstance(value, str):
        return _HARMFUL.sub("\ufffd", value)
    if isinstance(value, list):
        return [_harmless(each) for each in value]
    if isinstance(value, dict):
        return {_harmless(key): _harmless(each) for key, each in value.items()}
    return value
