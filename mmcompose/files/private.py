"""`.mmcompose/`: what is kept beside the project and never committed."""

from __future__ import annotations

from pathlib import Path

from mmcompose.files import whole
from mmcompose.files.fence import Fence

NAME = ".mmcompose"


def write(root: Path, path: str, text: str) -> Path:
    """Whole or not at all, and untouched where it is so already: a container may be reading it. Raises OSError.

    Whoever calls this is the project's one writer at that moment.
    """
    Fence(root).guard(f"{NAME}/{path}")
    place, ignored = root / NAME / path, root / NAME / ".gitignore"
    if not ignored.exists():
        whole.write(ignored, "*\n")
    if not holds(place, text):
        whole.write(place, text)
    return place


def holds(place: Path, text: str) -> bool:
    return place.is_file() and place.read_bytes() == text.encode("utf-8", "surrogateescape")
