"""The kind `vram`, which `bench vram` measures from outside: shown as a report of memory, and kept as estimates that
were too low or missing."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from mmcompose.bench.report import vram as report
from mmcompose.bench.report.vram_advice import advice
from mmcompose.bench.results import facts
from mmcompose.bench.results.memory_curve import less
from mmcompose.bench.results.record import Record, at
from mmcompose.bench.run.kind import ClientKind, Edit
from mmcompose.model.failure import Failure

_STEP_MIB = 100


class Vram(ClientKind):
    def text(self, record: Record, *, width: int | None = None) -> str:  # noqa: ARG002 - its lines are short
        found = report.read(_block(record))
        warnings = [f"warning: {warning}" for warning in facts.warnings(record)] if record.status != "complete" else []
        return "\n".join([report.page(found, advice(found)), *warnings]).rstrip("\n") + "\n"

    def markdown(self, record: Record) -> str:
        return self.text(record)

    def edits(self, record: Record, several: bool, *, force: bool = False) -> list[Edit]:  # noqa: ARG002 - no client
        block = _block(record)
        found = edits(block, str(at(record.result, "target", "service") or "") if several else "")
        if not found and not report.read(block).known_mb:
            raise Failure("the run could not read how much memory was taken")
        return found


KIND = Vram()


def _block(record: Record) -> Mapping[str, Any]:
    block = record.result.get("vram")
    return block if isinstance(block, dict) else {}


def edits(block: Mapping[str, Any], service: str = "") -> list[Edit]:
    """Edits of a profile. `block` is the result's `vram`; `service` is named if the profile has more than one.

    An estimate is only ever raised: a smaller figure on one day guarantees nothing.
    """
    before = ("services", service) if service else ()
    found: list[Edit] = []
    for one in report.read(block).loaded:
        if one.actual_mb is None or one.actual_mb <= 0:
            continue
        if one.estimated_mb is not None and one.actual_mb <= one.estimated_mb:
            continue
        if one.more.get("zoo"):
            found.append(((*before, "zoo", one.name, "vram_mb"), math.ceil(one.actual_mb)))
        elif one.more.get("gpus") == 1:
            highest = less(one.more.get("peak_mib"), one.more.get("baseline_mib")) or one.actual_mb
            found.append(((*before, "gpu", "vram"), f"{math.ceil(highest / _STEP_MIB) * _STEP_MIB}m"))
    return found
