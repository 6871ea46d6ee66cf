"""What a run writes back: estimates that were too low, and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mmcompose.bench.kinds import vram
from mmcompose.bench.promote import edits
from mmcompose.bench.report.vram import data
from mmcompose.bench.results.record import Record
from mmcompose.bench.run.kind import Edit
from mmcompose.model.failure import Failure
from tests.bench.vram.sample import model, report

ZOO = {"zoo": True}
ONE_GPU = {"gpus": 1, "baseline_mib": 100.0, "peak_mib": 4250.0}

CASES: dict[str, tuple[Any, list[Edit]]] = {
    "a model above its estimate": (
        report(model(actual_mb=612.2, more=ZOO)),
        [(("zoo", "m", "vram_mb"), 613)],
    ),
    "a model without an estimate": (report(model(estimated_mb=None, more=ZOO)), [(("zoo", "m", "vram_mb"), 400)]),
    "a model below its estimate": (report(model(more=ZOO)), []),
    "a model that failed": (report(model(actual_mb=612, error="e", more=ZOO)), []),
    "a model that could not be read": (report(model(actual_mb=None, more=ZOO)), []),
    "a model at nought": (report(model(actual_mb=0, estimated_mb=None, more=ZOO)), []),
    "a profile above its claim, by its peak": (
        report(model(actual_mb=4000, more=ONE_GPU)),
        [(("gpu", "vram"), "4200m")],
    ),
    "a profile on two GPUs, whose parts are not known": (report(model(actual_mb=4000, more={"gpus": 2})), []),
}


@pytest.mark.parametrize("case", CASES)
def test_only_what_was_too_low_is_written(case: str) -> None:
    found, wanted = CASES[case]
    assert vram.edits(data(found)) == wanted


def test_in_a_profile_of_several_services_the_service_is_named() -> None:
    [(path, _)] = vram.edits(data(report(model(actual_mb=612, more=ZOO))), "eyes")
    assert path == ("services", "eyes", "zoo", "m", "vram_mb")


def record(block: dict[str, Any], status: str = "complete") -> Record:
    target = {"profile": "vision-zoo", "service": "vision-zoo"}
    return Record(Path(), {"kind": "vram", "run": {"status": status}, "target": target, "points": [], "vram": block})


def test_promote_takes_them_and_says_when_there_is_nothing_to_go_by() -> None:
    assert edits(record(data(report(model(actual_mb=612, more=ZOO)))), several=False) == [
        (("zoo", "m", "vram_mb"), 612)
    ]
    assert edits(record(data(report(model(more=ZOO)))), several=False) == []
    with pytest.raises(Failure, match="could not read"):
        edits(record(data(report(model(actual_mb=None, more=ZOO)))), several=False)
    with pytest.raises(Failure, match="aborted"):
        edits(record(data(report(model(actual_mb=612, more=ZOO))), "aborted"), several=False)
