"""Foreign text in a report: Markdown takes none of it for its own signs."""

from __future__ import annotations

import re

_SIGNS = re.compile(r"[\\`*_\[\]<>|&]")


def plain(text: str) -> str:
    """In one line, without pictures, marks or cells of its own, or a link that hides where it leads."""
    return _SIGNS.sub(lambda sign: f"\\{sign[0]}", " ".join(text.split()))


def fenced(text: str) -> list[str]:
    """A block of code whose end the text cannot write."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return [fence, text, fence]
