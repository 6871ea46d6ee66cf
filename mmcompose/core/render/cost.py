"""What ends a template that asks for too much."""

from __future__ import annotations

LONGEST = 4 << 20
"""More than this no template may write into one file."""


class CostsTooMuchError(Exception):
    """A template was stopped; the message goes on after its name."""
