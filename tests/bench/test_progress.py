"""The line of a load while it runs: written over on a terminal, one each five seconds into a pipe."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mmcompose.bench.run.launch import OutputLine
from mmcompose.cli.bench.progress import BenchProgress

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    def at(now: float) -> None:
        monkeypatch.setattr("mmcompose.cli.bench.progress.time.monotonic", lambda: now)

    at(0.0)
    return at


def counts(point: str, **more: Any) -> OutputLine:
    return OutputLine("", {"point": point, "in_flight": 1, **more})


def test_short_levels_do_not_fill_a_log(clock: Callable[[float], None], capsys: pytest.CaptureFixture[str]) -> None:
    progress = BenchProgress()
    for half_seconds in range(24):
        clock(half_seconds / 2)
        progress(counts(f"c={half_seconds}"))
    printed = [line.partition(":")[0] for line in capsys.readouterr().err.splitlines()]
    assert printed == ["c=0", "c=10", "c=20"]


def test_what_is_no_count_is_always_reported(
    clock: Callable[[float], None], capsys: pytest.CaptureFixture[str]
) -> None:
    progress = BenchProgress()
    progress(counts("c=1"))
    progress(OutputLine("", {"message": "measuring again with 2 worker processes"}))
    assert "measuring again with 2" in capsys.readouterr().err
