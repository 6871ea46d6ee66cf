"""How the tests share several workers: a file is one worker's, files that must not meet are one lane, and those that
wait for Docker begin first, for they are the long ones."""

from __future__ import annotations

import os
from fnmatch import fnmatchcase
from typing import Any

import pytest

LANES = {
    # An engine is the owner of a GPU for every project on its Docker Engine.
    "the simulated cards": (
        "tests/scenarios/*",
        "tests/deploy/test_docker_switch.py",
        "tests/bed/test_further_engines.py",
        "tests/bench/vram/test_docker_vram.py",
    ),
    # One worker reads the whole house for all of its rules.
    "the house": ("tests/architecture/*",),
}
MEET = {"gpu_engine", "gpu_engine_of", "spare_engine"}
"""Fixtures whose engine several tests must not use at the same time."""

FEWEST, MOST = 4, 8
"""Workers: on two cores two work while two wait for Docker; more than eight find nothing to do."""


def lane(path: str) -> str:
    """The lane of a test file; a file that may meet any other is a lane of its own."""
    return next((name for name, files in LANES.items() if any(fnmatchcase(path, file) for file in files)), path)


def file_of(test: str) -> str:
    return test.partition("::")[0]


def slice_of(numbers: range) -> range:
    """This worker's own part of some numbers: what two workers pick from there never clashes."""
    count = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    index = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % count
    size = len(numbers) // count
    return numbers[index * size : (index + 1) * size]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    return min(MOST, max(FEWEST, os.cpu_count() or 1))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not hasattr(config, "workerinput"):
        return
    items.sort(key=lambda item: (lane(file_of(item.nodeid)) not in LANES, not item.get_closest_marker("docker")))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    from xdist.scheduler import LoadFileScheduling

    # In the order of the tests; by itself it would take the files with most tests first.
    config.option.loadscopereorder = False
    scheduler = LoadFileScheduling(config, log)
    scheduler._split_scope = lambda test: lane(file_of(test))
    return scheduler
