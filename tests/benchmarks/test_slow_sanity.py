"""Slow is not broken: a sane engine passes however long it takes, and its slowness is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.mmbench.kinds.sanity import CONCURRENCY, Options, outcome, patience
from benchmarks.mmbench.sample import Sample

from .serving import bench, serving


def test_a_slow_engine_is_warned_of_and_not_failed(tmp_path: Path) -> None:
    with serving(ttft_ms=600.0) as server:
        run = bench("sanity", server.url, tmp_path, "--budget", "1")
    assert run.code == 0, run.out
    assert run.result["verdict"] == {"ok": True, "reasons": []}
    assert "slow_for_sanity" in run.flags
    assert "1 s were expected (--budget)" in run.out


def test_a_quick_engine_is_not_called_slow(tmp_path: Path) -> None:
    with serving() as server:
        run = bench("sanity", server.url, tmp_path, "--budget", "600")
    assert run.code == 0
    assert "slow_for_sanity" not in run.flags


@pytest.mark.parametrize(("first_s", "expected"), [(0.1, 120.0), (60.0, 60.0 * 2 * CONCURRENCY)])
def test_those_at_once_may_take_as_long_as_the_first_one_suggests(first_s: float, expected: float) -> None:
    first = Sample(0, intended_ns=1, end_ns=1 + int(first_s * 1e9))
    assert patience(Options("sanity", "http://h", timeout=120.0), first) == pytest.approx(expected)


def test_an_answer_without_figures_is_shown_without_them() -> None:
    assert outcome(Sample(0)) == "answered"
