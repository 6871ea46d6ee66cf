"""What is to be brought up, from which files, and how patiently."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mmcompose.deploy.docker.engine import Files
from mmcompose.deploy.ready.events import Event
from mmcompose.deploy.wanted import Target

Tell = Callable[[Event], None]


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be brought up, from which files, and how patiently. `taking` is the command that may stop others for
    it, where `mmcompose switch` would start something else."""

    target: Target
    files: Files
    root: Path
    timeout: float = 600.0
    wait: bool = True
    rebuild: bool = False
    taking: str = ""
