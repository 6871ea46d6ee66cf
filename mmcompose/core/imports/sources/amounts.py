"""Sizes, spans and counts of Docker in the form that a profile takes; None where they have no such form."""

from __future__ import annotations

import re
from typing import Any

_SIZE = re.compile(r"([0-9]{1,15})(?:\.([0-9]{1,3}))?\s*([bkmgt]?)i?b?\Z")
_SPAN = re.compile(r"(?:[0-9]+(?:\.[0-9]+)?(?:us|ms|h|m|s|d|w))+\Z")
_UNITS = "bkmgt"


def size(value: Any) -> str | None:
    """Compose and Docker take bare bytes, capital letters, `mb` and `gib` too."""
    found = _SIZE.match(str(value).strip().lower())
    if found is None:
        return None
    whole, part, unit = found[1], found[2], found[3] or "b"
    if part:
        return f"{whole}.{part}{unit}"
    number, at = int(whole), _UNITS.index(unit)
    while number and number % 1024 == 0 and at < len(_UNITS) - 1:
        number, at = number // 1024, at + 1
    return f"{number}{_UNITS[at]}" if number < 10**9 else None


def span(value: Any) -> str | None:
    """A span of time; a bare number counts seconds."""
    text = str(value).strip()
    if text.isascii() and text.isdigit():
        return f"{text}s"
    return text if _SPAN.match(text) and re.fullmatch(r"(?:[0-9]+(?:ms|h|m|s))+", text) else None


def whole(value: Any) -> int | None:
    text = str(value).strip()
    return int(text) if re.fullmatch(r"-?[0-9]{1,18}", text) and not isinstance(value, bool) else None


def number(value: Any) -> float | int | None:
    text = str(value).strip()
    if isinstance(value, bool) or not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", text):
        return None
    return float(text) if "." in text else int(text)
