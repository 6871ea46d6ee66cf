"""What must not run at the same time is in one lane."""

from __future__ import annotations

import pytest

from tests import lanes


def test_whoever_uses_an_engine_that_others_change_is_in_its_lane(request: pytest.FixtureRequest) -> None:
    """Every test of this run is looked at; in a whole run that is every test there is."""
    astray = {
        item.nodeid
        for item in request.session.items
        if lanes.MEET & set(getattr(item, "fixturenames", ())) and lanes.lane(item.location[0]) not in lanes.LANES
    }
    assert astray == READS_ONLY & astray


READS_ONLY = {
    "tests/deploy/doctor/test_real_docker.py::test_cdi_devices_of_a_real_engine_are_seen",
}


def test_a_file_that_nobody_must_not_meet_is_a_lane_of_its_own() -> None:
    assert lanes.lane("tests/core/test_load.py") == "tests/core/test_load.py"
    assert lanes.lane("tests/scenarios/test_every_profile.py") == lanes.lane("tests/deploy/test_docker_switch.py")


@pytest.mark.parametrize("count", [1, 3, 8])
def test_the_parts_of_all_workers_are_apart(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    monkeypatch.setenv("PYTEST_XDIST_WORKER_COUNT", str(count))
    for index in range(count):
        monkeypatch.setenv("PYTEST_XDIST_WORKER", f"gw{index}")
        seen += lanes.slice_of(range(100, 200))
    assert len(seen) == len(set(seen)) == 100 // count * count
