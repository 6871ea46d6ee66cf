"""Keeps every access inside the project. A link may lead to another place inside it; one that leaves it needs
`allow_links:`.

Written files stay in their folder, because git obeys every file in `.git`. No commit is trusted to choose which files
of this machine are read, written or removed.
"""

from __future__ import annotations

import errno
import os
from functools import cached_property
from pathlib import Path

from mmcompose.files.reading import content
from mmcompose.model.paths import PRIVATE, RESULTS, SETTINGS, below
from mmcompose.model.targets import COMPOSE, TARGETS

OUTPUTS = (COMPOSE.name, RESULTS)
"""Folders into which whole trees are written: a link in their place needs an entry in mmcompose.yaml."""
_GROUNDS = (*TARGETS, RESULTS, PRIVATE)
"""Folders whose files must really lie in them."""


class Fence:
    """The real folder of the project, and the real places of its allowed links."""

    def __init__(self, root: Path, *, trusted: bool = False) -> None:
        """`trusted`: the folder of mmcompose itself, which an installer may have made of links."""
        self.root = os.path.realpath(root)
        self._trusted = trusted

    def astray(self, path: str, real: str = "") -> str:
        """Why a file may not be touched: it leads out of the project. Empty if it may. `real`: its place, if known."""
        real = real or self.real(path)
        if self._trusted or self.holds(real):
            return ""
        return f"it leads to {real}, outside the project; make it a file or folder of its own, or {_allowing(path)}"

    def tied(self, path: str) -> str:
        """Why an output folder may not be used: it is a link without permission. Empty if it may."""
        place = Path(self.root, path)
        if not place.is_symlink():
            return self.astray(path)
        if path in self._allowed:
            return ""
        return f"it is a link to {place.readlink()}; make it a folder, or {_allowing(path)}"

    def strays(self, path: str) -> str:
        """Why a place may not be written or removed. Empty if it may."""
        ground = next((folder for folder in _GROUNDS if path == folder or path.startswith(f"{folder}/")), "")
        if ground and (reason := self.tied(ground)):
            return reason if path == ground else f"{ground}: {reason}"
        real, reason = self.real(path), self.astray(path)
        if reason or not ground or any(below(real, place) for place in (self.real(ground), *self._grounds)):
            return reason
        return f"it leads to {real}, but files written here must stay in {ground}/; remove the link at {path}"

    def guard(self, path: str) -> None:
        """Checks a place before it is written or removed; raises OSError with the reason."""
        if reason := self.strays(path):
            raise OSError(errno.ELOOP, reason, path)

    def real(self, path: str) -> str:
        try:
            return os.path.realpath(f"{self.root}/{path}")
        except OSError as error:
            return str(error.filename or path)  # a link that nobody may read: it leads outside, at any rate

    def holds(self, real: str) -> bool:
        """Whether a real path lies in the project, or where an allowed link leads."""
        return below(real, self.root) or any(below(real, place) for place in self._grounds)

    @cached_property
    def _grounds(self) -> list[str]:
        return [self.real(path) for path in self._allowed]

    @cached_property
    def _allowed(self) -> frozenset[str]:
        """The allowed links, read at the first link: an up-to-date render needs no YAML."""
        from mmcompose.core.read.permits import allowed_links

        if not below(self.real(SETTINGS), self.root):
            return frozenset()
        try:
            return allowed_links(content(Path(self.root, SETTINGS)))
        except OSError:
            return frozenset()


def _allowing(path: str) -> str:
    return f"allow it in {SETTINGS}: allow_links: [{{path: {path}, reason: …}}]"
