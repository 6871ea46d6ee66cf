"""What a server says may be anything: printed or written, it can neither move a terminal nor break a file."""

from __future__ import annotations

import json
import re
from typing import Any

_CONTROL = re.compile("[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u202a-\\u202e\\u2066-\\u2069\\ud800-\\udfff]")
_HALF = re.compile("[\\ud800-\\udfff]")


def harmless(text: str) -> str:
    """Lines and tabs stay; other control characters, and halves of characters, become the sign for what is unknown."""
    return _CONTROL.sub("\ufffd", text)


def as_json(value: Any, indent: int | None = None) -> str:
    """Half of an emoji, which a server may cut between two tokens, is no UTF-8; JSON escapes other control signs."""
    return _HALF.sub("\ufffd", json.dumps(value, indent=indent, ensure_ascii=False, allow_nan=False))
