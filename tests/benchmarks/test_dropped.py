"""A request that a server took and dropped has failed; one that never reached it is sent again and reported."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from benchmarks.mmbench import connection
from benchmarks.mmbench.connection import LEAST_CLOSE_NS, Pool
from benchmarks.mmbench.flags import flags
from benchmarks.mmbench.target import Target

from .misbehaving import Talk, chunk, misbehaving
from .serving import bench
from .test_point import level


def test_a_request_that_was_worked_on_and_dropped_is_not_sent_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "TRIAL_NS", 0)
    dropped = 0

    def answer(talk: Talk) -> None:
        nonlocal dropped
        if talk.post % 2 == 0:
            dropped += 1
            time.sleep(0.3)
            talk.reset()
        talk.stream(chunk("a", "stop"))

    with misbehaving(answer) as server:
        options = ("--concurrency", "2", "--requests", "12", "--warm-up", "0", "--input-tokens", "8")
        run = bench("load", server.url, tmp_path, *options)
        probes = server.posts - 12
    assert run.point["errors"] == {"no_answer": run.point["requests"]["failed"]}
    assert dropped - probes <= run.point["requests"]["failed"] <= dropped
    assert run.point["requests"]["failed"] >= 5
    assert run.point["requests"]["reconnected"] == 0
    assert run.code == 4


def test_a_connection_that_was_closed_before_the_request_left_is_replaced_and_reported(tmp_path: Path) -> None:
    def answer(talk: Talk) -> None:
        talk.stream(chunk("a", "stop"))
        talk.close()

    with misbehaving(answer) as server:
        run = bench("load", server.url, tmp_path, "--concurrency", "1", "--requests", "6", "--warm-up", "0")
    assert run.code == 0, run.out
    assert run.point["requests"]["ok"] == 6


@pytest.mark.parametrize(("reconnected", "flagged"), [(0, False), (1, False), (2, True), (40, True)])
def test_from_one_in_a_hundred_on_a_second_try_is_a_flag(reconnected: int, flagged: bool) -> None:
    point = level(0)
    point["requests"]["reconnected"] = reconnected
    named = {flag["id"]: flag["detail"] for flag in flags(point)}
    assert ("retried" in named) is flagged
    assert not flagged or named["retried"] == f"{reconnected} of 200 requests"


def test_a_server_that_closes_after_each_stream_is_found_out_before_a_connection_is_used_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The close comes after 0.02 s, and later where the machine is busy: the trial must last until it is there.
    monkeypatch.setattr(connection, "TRIAL_NS", 60_000_000_000)

    def answer(talk: Talk) -> None:
        talk.stream(chunk("a", "stop"))
        time.sleep(0.02)
        talk.close()

    with misbehaving(answer) as server:
        options = ("--concurrency", "4", "--requests", "200", "--warm-up", "0", "--input-tokens", "8")
        run = bench("load", server.url, tmp_path, *options)
    assert run.point["errors"] == {}
    assert run.point["requests"]["reconnected"] == 0


def test_a_server_that_closes_after_each_answer_gets_new_connections(tmp_path: Path) -> None:
    """It promises to keep them; its close may come late, when the next request is on its way."""
    seen = 0

    def answer(talk: Talk) -> None:
        nonlocal seen
        seen += 1
        talk.stream(chunk("a", "stop"))
        time.sleep(0.03 if seen > 8 else 0)
        talk.close()

    with misbehaving(answer) as server:
        run = bench("load", server.url, tmp_path, "--concurrency", "1", "--requests", "20", "--warm-up", "8")
    assert run.code == 0, run.out
    assert run.point["requests"]["ok"] == 20


def test_the_news_of_a_close_may_take_one_round_trip() -> None:
    pool = Pool(Target.parse("http://127.0.0.1:9"))
    assert pool.close_ns == LEAST_CLOSE_NS
    pool._round_trip_ns = 80_000_000
    assert pool.close_ns == 80_000_000
