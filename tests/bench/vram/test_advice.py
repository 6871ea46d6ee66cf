"""What follows from a report, each line for its own reason and for no other."""

from __future__ import annotations

import pytest

from mmcompose.bench.report.vram import Report
from mmcompose.bench.report.vram_advice import advice
from tests.bench.vram.sample import REPORT, model, report

CASES = {
    "nothing to say": (report(model()), []),
    "above its estimate": (
        report(model(actual_mb=612)),
        [
            (
                "m takes 612 MB, 112 MB above its estimate of 500 MB: "
                "`mmcompose bench promote` writes what was measured into the profile"
            )
        ],
    ),
    "at its estimate": (report(model(actual_mb=500)), []),
    "without an estimate": (report(model(estimated_mb=None)), []),
    "five seconds are not slow": (report(model(load_s=5.0)), []),
    "slow": (report(model(load_s=5.01)), ["m needs 5.01s to load: warm it up before it is asked, or load it lazily"]),
    "nought": (
        report(model(actual_mb=0.2)),
        [
            (
                "m shows 0 MB, which no loaded model takes: look whether it went to the CPU, "
                "and whether this user may read the GPU (nvidia-smi)"
            )
        ],
    ),
    "not readable": (
        report(model(actual_mb=None)),
        [
            (
                "the memory of m could not be read: run this on the machine with the GPU, "
                "as a user for whom nvidia-smi works"
            )
        ],
    ),
    "failed": (
        report(model(error="OSError: no such model")),
        ["m failed: look at its dependencies, its source and the CUDA version; the JSON has the whole error"],
    ),
    "out of memory": (
        report(model(error="torch.OutOfMemoryError: CUDA out of memory. Tried")),
        ["m failed for lack of memory: see in `mmcompose status` and nvidia-smi who holds it, then repeat"],
    ),
    "refused": (report(model(error="it is up", more={"refused": True})), []),
    "too much together": (
        report(model(actual_mb=400), model(name="n", actual_mb=450), total=800),
        ["all together take 850 MB, and 800 MB are available: disable some of them, or swap them in one at a time"],
    ),
    "little left together": (
        report(model(actual_mb=400), model(name="n", actual_mb=460), total=1000),
        ["all together take 860 MB of 1,000 MB available: keep 10-15 % (100 MB to 150 MB) free for inference buffers"],
    ),
    "little left beside one": (
        report(model(actual_mb=490), total=600, baseline=50),
        ["the largest takes 490 MB of 550 MB available: keep 10-15 % (55 MB to 82 MB) free for inference buffers"],
    ),
    "a card that nobody could read": (report(model(), total=None), []),
}


@pytest.mark.parametrize("case", CASES)
def test_each_line_has_its_reason(case: str) -> None:
    found, lines = CASES[case]
    assert advice(found) == lines


def test_the_example_gets_its_estimates() -> None:
    lines = advice(REPORT)
    assert len(lines) == 6
    assert all("above its estimate" in line for line in lines)


def test_an_empty_report_has_none() -> None:
    assert advice(Report("t")) == []
