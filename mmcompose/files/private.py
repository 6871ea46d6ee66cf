"""Writes to `.mmcompose/`, which lies beside the project and is never committed."""

from __future__ import annotations

from pathlib import Path

from mmcompose.files import whole
from mmcompose.files.fence import Fence
from mmcompose.files.reading import content
from mmcompose.model.paths import PRIVATE


def write(root: Path, path: str, text: str) -> Path:
    """Writes a file whole or not at all. A file with the same text stays untouched: a container may read it. Raises
    OSError.

    The caller must be the project's one writer at that moment.
    """
    Fence(root).guard(f"{PRIVATE}/{path}")
    place, ignored = root / PRIVATE / path, root / PRIVATE / ".gitignore"
    if not ignored.exists():
        whole.write(ignored, "*\n")
    if not holds(place, text):
        whole.write(place, text)
    return place


def holds(place: Path, text: str) -> bool:
    return place.is_file() and content(place) == text.encode("utf-8", "surrogateescape")
