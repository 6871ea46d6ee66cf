"""Refuse absurd nesting before nodes are made of it: making them recurses in C, and falls over by a fault of memory.

The parser's events come before the nodes and do not recurse, so they are asked. What they call nested is nested:
brackets in quotes, in comments and in blocks of text are not.
"""

from __future__ import annotations

import re
from typing import Any

import yaml

_WIDEST = 128
"""Fewer brackets and a narrower indentation than this cannot nest too deep for the parser."""
_WIDE = re.compile(r"[ \t?:-]{%d,}" % (_WIDEST + 1))  # noqa: UP031 - braces
_OPENS = (yaml.MappingStartEvent, yaml.SequenceStartEvent)
_CLOSES = (yaml.MappingEndEvent, yaml.SequenceEndEvent)


def too_deep(text: str, loader: Any, limit: int) -> tuple[int, int] | None:
    """Line and column of the first value below the limit; only a text that could nest so deep is looked at closely."""
    if text.count("[") + text.count("{") <= _WIDEST and not _WIDE.search(text):
        return None
    depth = 0
    try:
        for event in yaml.parse(text, Loader=loader):
            depth += isinstance(event, _OPENS) - isinstance(event, _CLOSES)
            if depth > limit:
                mark: Any = event.start_mark
                return mark.line + 1, mark.column + 1
    except (yaml.YAMLError, ValueError):
        pass  # the same fault stands in the way of the nodes, and is told there
    return None
