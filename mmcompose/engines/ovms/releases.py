"""Finds the known release whose rules apply to a requested one."""

from __future__ import annotations

import re
from typing import NamedTuple

FORM = re.compile(r"v?(\d{4})\.(\d{1,3})(?:\.(\d{1,3}))?(?:-[A-Za-z0-9_.-]+)?")

Key = tuple[int, int, int]


class Release(NamedTuple):
    """The known release whose rules apply to a requested one; `newer`: that one came after all that are known."""

    known: str
    newer: bool

    def between(self, since: str | None, until: str | None) -> bool:
        """Whether this release is between `since` and `until`."""
        here = key(self.known)
        return (since is None or key(since) <= here) and (until is None or here < key(until))

    def lacks(self, since: str | None, until: str | None) -> str:
        """Why this release does not have what others have between `since` and `until`; empty where it has it."""
        if not self.between(since, None):
            return f"comes with {since}, not yet in {self.known}"
        return "" if self.between(None, until) else f"removed in {until}"


def key(release: str) -> Key:
    """The key that sorts releases by time."""
    found = FORM.fullmatch(release)
    if found is None:
        raise ValueError(f"not a release: {release!r}")
    return int(found[1]), int(found[2]), int(found[3] or 0)
