"""Makes one report of the profiles that were measured one after the other."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from mmcompose.bench.report.vram import Report, data
from mmcompose.bench.report.vram_advice import advice
from mmcompose.bench.results.memory_curve import DEFINITIONS

if TYPE_CHECKING:
    from mmcompose.bench.vram.running import Finished


def together(reports: Sequence[Report]) -> Report:
    """The machine is the same for all of them."""
    first = reports[0]
    return Report(
        first.timestamp,
        first.total_mb,
        next((one.baseline_mb for one in reports if one.baseline_mb is not None), None),
        [result for one in reports for result in one.results],
        [name for one in reports for name in one.skipped],
        list(dict.fromkeys(line for one in reports for line in one.notes)),
    )


def data_of(whole: Report, finished: Sequence[Finished]) -> str:
    """The report as JSON, with what its figures mean and where each run is kept."""
    runs = [str(one.folder) for one in finished]
    full = {**data(whole), "advice": advice(whole), **finished[0].reading, "definitions": DEFINITIONS, "runs": runs}
    return json.dumps(full, indent=2, ensure_ascii=False) + "\n"
