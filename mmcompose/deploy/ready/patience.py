"""Decides how long a start may take: `--timeout`, else as long as Docker's health check lets the engine load."""

from __future__ import annotations

from mmcompose.core.check.durations import in_seconds
from mmcompose.model import Profile

USUAL = 600.0
"""Seconds for an engine whose health check has a shorter `start_period`."""


def patience(profile: Profile, option: float | None) -> float:
    """Seconds, at least until Docker would report it as unhealthy: a first start fetches the weights."""
    if option is not None:
        return option
    starting = (service.health.start_period for service in profile.services.values())
    return max(USUAL, *(in_seconds(time) for time in starting if time), 0.0)
