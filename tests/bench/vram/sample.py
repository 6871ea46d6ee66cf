"""Six vision models on a card of 24 GB, as a measured example; `report.md` beside this is its page."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from mmcompose.bench.report.vram import Measured, Report

MODELS = [
    Measured("rtdetr_v2", "detection", 1800, 1847, 3.24),
    Measured("clip_vit_l14", "embedding", 900, 932, 1.12),
    Measured("florence2_base", "caption", 1200, 1203, 2.87),
    Measured("depth_anything_v2", "depth", 400, 445, 0.94),
    Measured("yolov8_pose", "pose", 150, 156, 0.67),
    Measured("clothing_classifier", "classifier", 300, 312, 0.43),
]
REPORT = Report("2025-01-15T10:30:45+00:00", 24564, 412, MODELS)


def model(**facts: Any) -> Measured:
    """One that needs no word said about it."""
    return replace(Measured("m", "depth", 500, 400, 1.0), **facts)


def report(*models: Measured, total: float | None = 10_000, baseline: float | None = 0) -> Report:
    return Report("t", total, baseline, models)
