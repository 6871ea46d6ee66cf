"""The projects of the runner's tests serve here too."""

from __future__ import annotations

from tests.deploy.conftest import play

__all__ = ["play"]
