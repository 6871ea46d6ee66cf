"""Escapes foreign text in a report, so that Markdown takes none of it for markup."""

from __future__ import annotations

import re

_SIGNS = re.compile(r"[\\`*_\[\]<>|&]")


def plain(text: str) -> str:
    """In one line, as plain text: no pictures, marks or table cells, and no link that hides its target."""
    return _SIGNS.sub(lambda sign: f"\\{sign[0]}", " ".join(text.split()))


def fenced(text: str) -> list[str]:
    """A block of code that the text inside cannot close."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return [fence, text, fence]
