"""`.mmcompose/`: what is kept beside the project and never committed."""

from __future__ import annotations

from pathlib import Path

from mmcompose.files import whole
from mmcompose.files.fence import Fence
from mmcompose.files.reading import content
from mmcompose.model.paths import PRIVATE


def write(root: Path, path: str, text: str) -> Path:
    """Write a file whole or not at all. One with the same text is left alone: a container may read it. Raises OSError.

    Whoever calls this is the project's one writer at that moment.
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
