"""The measuring script measures what it says, and does not time a program that failed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from benchmarks.render import rivals
from benchmarks.render.measure import Row, line
from benchmarks.render.pairs import interval
from benchmarks.render.pairs import line as pairs_line
from benchmarks.render.timing import Median, UnexpectedError, median

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PATH = {"PATH": os.environ["PATH"]}


def test_the_first_run_warms_up_and_does_not_count(tmp_path: Path) -> None:
    prepared: list[int] = []
    result = median(("true",), tmp_path, runs=4, environment=PATH, before=prepared.append)
    assert prepared == [0, 1, 2, 3, 4]
    assert result.runs == 4
    assert result.peak > 0


def test_a_program_that_fails_is_an_error_and_not_a_time(tmp_path: Path) -> None:
    with pytest.raises(UnexpectedError, match=r"exit 3 instead of 0: no such profile"):
        median(("sh", "-c", "echo no such profile >&2; exit 3"), tmp_path, runs=1, environment=PATH)
    assert median(("sh", "-c", "exit 1"), tmp_path, runs=1, environment=PATH, expected=1).runs == 1


def test_a_rival_that_is_not_installed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    found = rivals.kustomize(tmp_path / "kustomize", 2)
    assert found.command == ()
    row = line(Row(10, found.title, None, note=f"skipped: {found.missing} is not here"))
    assert "skipped: kubectl or kustomize is not here" in row


@pytest.mark.parametrize("make", [rivals.kustomize, rivals.jsonnet], ids=lambda make: make.__name__)
def test_every_rival_that_is_installed_can_read_its_input(
    make: Callable[[Path, int], rivals.Rival], tmp_path: Path
) -> None:
    reads(make, tmp_path)


@pytest.mark.docker
@pytest.mark.usefixtures("docker")
def test_real_compose_can_read_its_input(tmp_path: Path) -> None:
    reads(rivals.compose, tmp_path)


def reads(make: Callable[[Path, int], rivals.Rival], tmp_path: Path) -> None:
    rival = make(tmp_path / "input", 2)
    if rival.missing:
        pytest.skip(f"{rival.missing} is not here")
    docker = {name: os.environ[name] for name in ("PATH", "DOCKER_CONFIG") if name in os.environ}
    assert median(rival.command, tmp_path, runs=1, environment={**docker, "HOME": str(tmp_path)}).runs == 1


@pytest.mark.parametrize(
    ("profiles", "wall", "peak", "verdict"),
    [
        (10, 0.070, 20_000, "≤ 80 ms: reached"),
        (10, 0.090, 20_000, "≤ 80 ms: missed"),
        (1000, 0.070, 200_000, "≤ 80 ms: reached; ≤ 150 MB: missed"),
    ],
)
def test_the_table_says_whether_an_aim_was_reached(profiles: int, wall: float, peak: int, verdict: str) -> None:
    assert line(Row(profiles, "render", Median(3, wall, wall, peak), 80)).endswith(f"| {verdict} |")


def test_the_interval_of_a_ratio_holds_its_median_and_grows_with_the_noise() -> None:
    calm = interval([1.0, 1.01, 0.99] * 10)
    noisy = interval([1.0, 1.5, 0.6] * 10)
    assert calm.low <= calm.middle <= calm.high
    assert noisy.high - noisy.low > calm.high - calm.low


def test_a_ratio_is_below_a_bound_only_with_its_whole_interval() -> None:
    assert "| below 1.05 |" in pairs_line("CPU", [1.0, 1.01] * 20, 1.05)
    assert "| not below 1.05 |" in pairs_line("CPU", [1.0, 1.01, 1.3, 1.3] * 10, 1.05)
