"""Segment Anything 3 behind a small HTTP interface: an image and a prompt in, masks, boxes and scores out."""

from __future__ import annotations

__version__ = "1.0.0"
