"""What engines leave mounted when they are gone: each its own folder of data, one that crashed also its containers'."""

from __future__ import annotations

import re
from pathlib import Path

from tests.bed.commands import run

MOUNTED = Path("/proc/self/mountinfo")


def below(folder: Path, listed: str | None = None) -> list[Path]:
    """Mounts in a folder, the innermost first."""
    lines = (MOUNTED.read_text() if listed is None else listed).splitlines()
    # The kernel writes a blank within a path as \040.
    places = [re.sub(r"\\(\d{3})", lambda octal: chr(int(octal[1], 8)), line.split(" ")[4]) for line in lines]
    return [Path(place) for place in reversed(places) if Path(place).is_relative_to(folder)]


def let_go(folder: Path) -> None:
    """Unmount all that is in a folder, so that it can be removed."""
    for place in below(folder):
        run("umount", place)
