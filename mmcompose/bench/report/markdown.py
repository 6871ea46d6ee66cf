"""Escapes foreign text in a report, so that Markdown reads none of it as markup."""

from __future__ import annotations

import re

_SIGNS = re.compile(r"[\\`*_\[\]<>|&]")


def plain(text: str) -> str:
    """A text on one line, without pictures, marks or table cells, and with visible link targets."""
    return _SIGNS.sub(lambda sign: f"\\{sign[0]}", " ".join(text.split()))


def fenced(text: str) -> list[str]:
    """A block of code that the text inside cannot close."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return [fence, text, fence]
