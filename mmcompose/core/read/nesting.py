"""Refuses absurd nesting before YAML nodes are made: making them recurses in C, and crashes the program.

The parser's events come before the nodes and need no recursion, so they decide. Brackets in quotes, comments and blocks
of text are no nesting.
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
    """The line and column of the first value below the limit; only a text that could nest so deep is parsed for it."""
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
