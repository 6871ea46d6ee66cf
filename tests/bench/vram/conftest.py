"""The projects of the runner's tests serve here too."""

from __future__ import annotations

from tests.deploy.conftest import cards, play, play_on

__all__ = ["cards", "play", "play_on"]
