"""What one level's requests become: a throughput only where something was answered, and whether it went well."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.mmbench.drive import Outcome
from benchmarks.mmbench.point import Measured, summarise
from benchmarks.mmbench.sample import MEASURED, WARM_UP
from benchmarks.mmbench.selfcheck import Reading

from .test_window import S, sample

LOAD = {"mode": "closed", "concurrency": 2, "requests": 2}
READINGS = [Reading(1.0, 0.1, [0.1], 30.0)]


def test_where_only_the_warm_up_was_answered_there_is_no_throughput() -> None:
    """An interruption in the first requests: the second slot still warmed up when the first began to be measured."""
    cut = sample(1, 6, MEASURED, stamps=(2,))
    cut.error = "cancelled"
    warm = [sample(0, 1, WARM_UP, stamps=(1,)), sample(0, 4, WARM_UP, stamps=(4,))]
    point = summarise(Measured("c=2", LOAD, Outcome([*warm, cut], [6 * S, 6 * S]), READINGS))
    assert point["requests"]["ok"] == 0
    for each in (point, point["whole_run"]):
        assert [each[name] for name in ("req_s", "output_tok_s", "input_tok_s")] == [None, None, None]
        assert each["duration_s"] == 5.0
    assert point["shared"]["generation_tok_per_s"] is None
    assert point["healthy"] is False


def level(failed: int, **changes: Any) -> dict[str, Any]:
    samples = [sample(each, each + 1, MEASURED, stamps=(each + 0.5, each + 1)) for each in range(200)]
    for each in samples[:failed]:
        each.error = "http_500"
    return summarise(Measured("c=1", LOAD | {"concurrency": 1}, Outcome(samples, [200 * S]), READINGS, **changes))


HEALTH: dict[str, tuple[int, dict[str, Any], bool]] = {
    "everything was answered": (0, {}, True),
    "one in two hundred failed": (1, {}, False),
    "as many failed as are allowed": (2, {"max_error_share": 0.01}, True),
    "more failed than are allowed": (3, {"max_error_share": 0.01}, False),
    "nothing was answered": (200, {"max_error_share": 1.0}, False),
    "the objectives are met": (0, {"slo": {"e2e_ms": 1100.0}}, True),
    "the objectives are not met": (0, {"slo": {"e2e_ms": 900.0}}, False),
    "the answers are right": (0, {"score": {"ok": True}}, True),
    "the answers are wrong": (0, {"score": {"ok": False, "reason": "similarity 0.5 is below 0.9"}}, False),
    "nobody knows the right answers": (0, {"score": {"ok": None}}, True),
}


@pytest.mark.parametrize(("failed", "changes", "healthy"), HEALTH.values(), ids=HEALTH)
def test_a_point_tells_whether_the_level_went_well(failed: int, changes: dict[str, Any], healthy: bool) -> None:
    assert level(failed, **changes)["healthy"] is healthy
