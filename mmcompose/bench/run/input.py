"""A file or folder of this machine, which a program reads by one of its options."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Input:
    option: str
    place: Path

    @property
    def inside(self) -> str:
        """Its path inside the container."""
        return f"/given/{self.place.resolve().name}"

    @property
    def arguments(self) -> tuple[str, str]:
        return (f"--{self.option}", self.inside)
