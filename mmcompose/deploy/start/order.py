"""The order of a start: the wanted profile, its files, and the time limit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mmcompose.core.check.durations import in_seconds
from mmcompose.deploy.docker.engine import Files
from mmcompose.deploy.ready.events import Event
from mmcompose.deploy.wanted import WantedProfile
from mmcompose.model import Profile

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


USUAL = 600.0
"""Seconds for an engine whose health check has a shorter `start_period`."""


def patience(profile: Profile, option: float | None) -> float:
    """Seconds, at least until Docker would report it as unhealthy: a first start fetches the weights."""
    if option is not None:
        return option
    starting = (service.health.start_period for service in profile.services.values())
    return max(USUAL, *(in_seconds(time) for time in starting if time), 0.0)
