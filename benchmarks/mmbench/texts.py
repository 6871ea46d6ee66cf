"""Makes any text of a server harmless: printed or written, it can neither steer a terminal nor break a file."""

from __future__ import annotations

import json
import re
from typing import Any

_CONTROL = re.compile("[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u202a-\\u202e\\u2066-\\u2069\\ud800-\\udfff]")
_HALF = re.compile("[\\ud800-\\udfff]")


def harmless(text: str) -> str:
    """A text with its lines and tabs; other control characters, and halves of characters, become replacement
    characters."""
    return _CONTROL.sub("\ufffd", text)


def as_json(value: Any, indent: int | None = None) -> str:
    """JSON without half characters, which a server may cut between two tokens; JSON escapes other control
    characters."""
    return _HALF.sub("\ufffd", json.dumps(value, indent=indent, ensure_ascii=False, allow_nan=False))
