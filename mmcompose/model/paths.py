"""Paths and names that several rooms read and write."""

from __future__ import annotations

OURS = "mmcompose:"
"""Begins a build context that comes with mmcompose: `mmcompose:rapidocr`."""
