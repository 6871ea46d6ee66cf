"""Whatever goes wrong is counted: in the table, in the denominator, in the exit code; and the result can be read."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from .serving import BENCHMARKS, Run, bench, command, serving
from .test_result_schema import problems


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("http_500", "http_500"),
        ("hang", "timeout"),
        ("stall", "timeout"),
        ("cut", "cut_stream"),
        ("garbage", "garbage"),
        ("error_event", "error_event"),
        ("empty", "empty"),
        ("bad_http", "bad_http"),
    ],
)
def test_an_injected_fault_is_counted_everywhere(tmp_path: Path, fault: str, error: str) -> None:
    with serving(faults={9: fault}) as server:
        options = ("--concurrency", "2", "--requests", "18", "--timeout", "8", "--warm-up", "0")
        run = bench("load", server.url, tmp_path, *options, "--input-tokens", "8")
        injected = server.server.truth.counts[fault]
    point = run.point
    assert injected == 2
    assert point["errors"] == {error: injected}
    assert point["requests"]["failed"] == injected
    assert point["requests"]["sent"] == 18 == point["requests"]["ok"] + injected
    assert point["error_share"] == pytest.approx(injected / 18, abs=1e-5)
    assert error in point["error_examples"]
    assert run.code == 4
    assert f"{error} x {injected}" in run.out
    assert "errors_present" in run.flags
    assert len([each for each in run.requests if not each["ok"]]) == injected
    assert problems(run.result) == []


def test_slow_headers_are_waited_for_and_are_part_of_the_first_token(tmp_path: Path) -> None:
    with serving(faults={2: "slow_head"}, slow_head_ms=60.0) as server:
        run = bench("load", server.url, tmp_path, "--concurrency", "2", "--requests", "10")
    assert run.code == 0
    assert run.point["ttft_ms"]["max"] >= 60


def test_several_kinds_of_faults_at_once_are_counted_apart(tmp_path: Path) -> None:
    with serving(faults={7: "http_500", 5: "cut", 6: "garbage"}) as server:
        run = bench("load", server.url, tmp_path, "--concurrency", "3", "--requests", "40", "--warm-up", "0")
        counts = server.server.truth.counts
    expected = {"http_500": counts["http_500"], "cut_stream": counts["cut"], "garbage": counts["garbage"]}
    assert run.point["errors"] == expected
    assert run.point["requests"]["ok"] == 40 - sum(expected.values())


def test_failures_within_the_allowed_share_do_not_fail_the_run(tmp_path: Path) -> None:
    with serving(faults={5: "http_500"}) as server:
        options = ("--concurrency", "2", "--requests", "20", "--max-error-share", "0.5")
        run = bench("load", server.url, tmp_path, *options)
    assert run.code == 0
    assert "errors_present" in run.flags
    assert run.point["healthy"] is True


def test_requests_that_a_server_drops_at_once_count_as_second_tries_or_as_failures(tmp_path: Path) -> None:
    """Every fourth request is taken and dropped: within a round trip nobody can tell that from a close under way."""
    with serving(faults={4: "refuse"}) as server:
        run = bench("load", server.url, tmp_path, "--concurrency", "1", "--requests", "12", "--warm-up", "2")
        dropped = server.server.truth.counts["refuse"]
    requests = run.point["requests"]
    assert requests["ok"] + requests["failed"] == 12
    assert requests["reconnected"] + requests["failed"] + 1 >= dropped - 1 >= 1
    assert run.code == (4 if requests["failed"] else 0)
    assert set(run.point["errors"]) <= {"no_answer"}


def test_no_server_at_all_is_reported_in_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
        run = bench("load", url, tmp_path)
    assert run.code == 4
    assert run.result["run"]["status"] == "aborted"
    assert f"no answer from {url}" in run.out
    assert "Traceback" not in run.err + run.out
    assert problems(run.result) == []


def test_waiting_for_a_server_that_never_comes_ends(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        run = bench("sanity", f"http://127.0.0.1:{free.getsockname()[1]}", tmp_path, "--wait", "0.2")
    assert run.code == 4
    assert "was not ready within 0.2 s" in run.out


def test_a_server_that_dies_ends_the_run_and_keeps_what_was_measured(tmp_path: Path) -> None:
    with serving() as server, started("load", server.url, tmp_path, "--requests", "100000") as client:
        until_requests_flow(tmp_path, client, server.server.truth.counts)
    out, err = client.communicate(timeout=300)
    run = Run(client.returncode, out, err, tmp_path)
    assert run.code == 4, err
    assert run.result["run"]["status"] == "aborted"
    assert "the server is gone" in run.result["run"]["exit_reason"]
    assert run.point["requests"]["sent"] < 1000, "a dead server must not be asked a hundred thousand times"
    assert problems(run.result) == []


@contextmanager
def started(kind: str, url: str, folder: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    line = command(kind, url, folder, "--concurrency", "4", "--output-tokens", "6", *options)
    client = subprocess.Popen(line, cwd=BENCHMARKS, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        yield client
    except BaseException:
        client.kill()
        client.communicate()
        raise


def until_requests_flow(folder: Path, client: subprocess.Popen[str], counts: dict[str, int]) -> None:
    deadline = time.monotonic() + 300
    while counts["ok"] < 14:
        assert client.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert json.loads((folder / "result.json").read_text())["run"]["status"] == "running"


@pytest.mark.parametrize(("name", "workers"), [(signal.SIGINT, "1"), (signal.SIGTERM, "1"), (signal.SIGINT, "2")])
def test_an_interrupt_leaves_an_aborted_result_that_reads(tmp_path: Path, name: signal.Signals, workers: str) -> None:
    options = ("--requests", "100000", "--workers", workers)
    with serving() as server, started("load", server.url, tmp_path, *options) as client:
        until_requests_flow(tmp_path, client, server.server.truth.counts)
        client.send_signal(name)
        out, err = client.communicate(timeout=300)
    run = Run(client.returncode, out, err, tmp_path)
    assert run.code == 130, err
    assert run.result["run"]["status"] == "aborted"
    assert run.result["run"]["exit_reason"] == f"interrupted by {name.name}"
    assert run.point["requests"]["ok"] >= 8
    assert run.point["requests"]["failed"] == 0
    assert len(run.requests) == run.point["requests"]["sent"] + run.point["requests"]["warmup"]
    assert "Traceback" not in err + out
    assert problems(run.result) == []


def test_a_killed_run_still_says_running_in_a_whole_file(tmp_path: Path) -> None:
    with serving() as server, started("load", server.url, tmp_path, "--requests", "100000") as client:
        until_requests_flow(tmp_path, client, server.server.truth.counts)
        client.kill()
        client.communicate()
    result = json.loads((tmp_path / "result.json").read_text())
    assert result["run"]["status"] == "running"
    assert problems(result) == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--concurrency", "0"], "--concurrency '0'"),
        (["--concurrency", "eight"], "from 1 to 65536"),
        (["--concurrency", ","], "separated by commas"),
        (["--slo", "ttft"], "ttft=500ms"),
        (["--rate", "-1"], "above 0"),
        (["--rate", "1", "--ramp", "1:2"], "two load models"),
        (["--ramp", "5"], "FROM:TO"),
        (["--requests", "0"], "at least 1"),
        (["--timeout", "nan"], "--timeout"),
        (["--extra-body", "{"], "not JSON"),
        (["--extra-body", "[]"], "JSON object"),
        (["--api-key-file", "/nonexistent"], "/nonexistent"),
        (["--context", "/nonexistent"], "/nonexistent"),
        (["--workers", "many"], "--workers"),
    ],
)
def test_an_option_that_makes_no_sense_is_refused_before_anything_is_sent(
    tmp_path: Path, options: list[str], message: str
) -> None:
    run = bench("load", "http://127.0.0.1:9", tmp_path, *options)
    assert run.code == 2
    assert message in run.err
    assert "Traceback" not in run.err


def test_a_folder_that_cannot_be_written_says_whose_it_should_be(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    run = bench("load", "http://127.0.0.1:9", file / "run")
    assert run.code == 2
    assert "cannot write results" in run.err
    assert "runs as user" in run.err
