"""A file or folder of this machine, which a program reads by one of its options."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple


class Input(NamedTuple):
    option: str
    place: Path

    @property
    def inside(self) -> str:
        """Its path inside the container."""
        return f"/given/{self.place.resolve().name}"

    @property
    def arguments(self) -> tuple[str, str]:
        return (f"--{self.option}", self.inside)
