"""The order of a start: the wanted profile, its files, and the time limit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mmcompose.deploy.docker.engine import Files
from mmcompose.deploy.ready.events import Event
from mmcompose.deploy.wanted import WantedProfile

Tell = Callable[[Event], None]


@dataclass(frozen=True, slots=True)
class Order:
    """One start. `taking` is the command that may stop others for it, if `mmcompose switch` would start something
    else."""

    wanted: WantedProfile
    files: Files
    root: Path
    timeout: float = 600.0
    wait: bool = True
    rebuild: bool = False
    taking: str = ""
