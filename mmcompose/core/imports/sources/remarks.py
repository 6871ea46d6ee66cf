"""Remarks on a source that is imported: the values that no profile gets, and those that it writes otherwise."""

from __future__ import annotations

from mmcompose.model import Origin, Problem
from mmcompose.model.failure import Invalid

NO_KEY = "has no key in a profile"


class Remarks(list[Problem]):
    """Remarks on a source, each with its place in it."""

    def left_out(self, origin: Origin, key: str, message: str = NO_KEY, hint: str = "") -> None:
        """Remarks on a value that no profile gets."""
        self.append(Problem(origin, key, message, hint, "import.left-out", "warning"))

    def changed(self, origin: Origin, key: str, message: str, hint: str = "") -> None:
        """Remarks on a value that the profile writes otherwise."""
        self.append(Problem(origin, key, message, hint, "import.changed", "warning"))


def refusal(origin: Origin, path: str, message: str, hint: str) -> Invalid:
    """The end of an import whose source cannot be read."""
    return Invalid([Problem(origin, path, message, hint, "import")])
