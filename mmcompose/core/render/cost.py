"""The error of a template that takes too much time or memory."""

from __future__ import annotations

LONGEST = 4 << 20
"""The most bytes that a template may write into one file."""


class CostsTooMuchError(Exception):
    """Reports a template that was stopped; the message continues after the template's name."""
