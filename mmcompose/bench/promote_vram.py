"""Turns a run of `vram` into edits of the profile: estimates that were too low or missing. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from mmcompose.bench.report.vram import read
from mmcompose.bench.results.memory_curve import less

STEP_MIB = 100
Edit = tuple[tuple[str, ...], Any]


def edits(block: Mapping[str, Any], service: str = "") -> list[Edit]:
    """`block` is the result's `vram`; `service` is named where the profile has more than one.

    An estimate is raised and never lowered: a smaller figure of one day is no promise.
    """
    before = ("services", service) if service else ()
    found: list[Edit] = []
    for one in read(block).loaded:
        if one.actual_mb is None or one.actual_mb <= 0:
            continue
        if one.estimated_mb is not None and one.actual_mb <= one.estimated_mb:
            continue
        if one.more.get("zoo"):
            found.append(((*before, "zoo", one.name, "vram_mb"), math.ceil(one.actual_mb)))
        elif one.more.get("gpus") == 1:
            highest = less(one.more.get("peak_mib"), one.more.get("baseline_mib")) or one.actual_mb
            found.append(((*before, "gpu", "vram"), f"{math.ceil(highest / STEP_MIB) * STEP_MIB}m"))
    return found
