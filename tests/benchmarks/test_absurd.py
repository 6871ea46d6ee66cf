"""One absurd answer costs one request, whatever it holds; and no answer takes the client's memory."""

from __future__ import annotations

import json
import resource
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from benchmarks.mmbench import limits
from benchmarks.mmbench.limits import Room, TooLongError
from benchmarks.mmbench.request import connection_failure
from benchmarks.mmbench.sse import EVENT_LIMIT, EventTooLongError, Splitter
from benchmarks.mmbench.tokens import Account

from .misbehaving import Talk, chunk, misbehaving
from .serving import BENCHMARKS, Run, bench, command, serving
from .test_result_schema import problems

FEW = ("--concurrency", "1", "--requests", "6", "--warm-up", "0", "--input-tokens", "8")


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


ABSURD = {
    "a count of 400 digits": b'{"choices":[],"usage":{"completion_tokens":1%s}}' % (b"0" * 400),
    "a time beyond all numbers": b'{"choices":[],"timings":{"x":1e999}}',
    "figures that nest": json.dumps({"choices": [], "timings": {"a": nested(900)}}).encode(),
    "figures without end": json.dumps({"choices": [], "timings": {str(n): n for n in range(5000)}}).encode(),
    "a word without end": json.dumps({"choices": [], "usage": {"x": "y" * 100_000}}).encode(),
    "a reason without end": json.dumps(chunk("a", "stop" * 100_000)).encode(),
    "a reason that is none": json.dumps(chunk("a", nested(300))).encode(),
}  # fmt: skip


@pytest.mark.parametrize(("what", "workers"), [*((what, "2") for what in ABSURD), ("figures that nest", "1")])
def test_an_absurd_number_costs_one_request(tmp_path: Path, what: str, workers: str) -> None:
    def answer(talk: Talk) -> None:
        good = chunk("a"), chunk(None, "stop")
        talk.stream(*good, ABSURD[what]) if server.posts == 5 else talk.stream(*good)

    with misbehaving(answer) as server:
        run = bench("load", server.url, tmp_path, *FEW, "--workers", workers)
    assert run.point["errors"] == {"garbage": 1}, run.out
    assert run.point["requests"]["ok"] == 5
    assert len(run.requests) == 6
    assert problems(run.result) == []


def test_metrics_whose_sum_is_beyond_all_numbers_are_left_out(tmp_path: Path) -> None:
    with misbehaving(lambda talk: talk.stream(chunk("a", "stop"))) as server:
        server.metrics = b'vllm:num_requests_running{a="1"} 1e308\nvllm:num_requests_running{a="2"} 1e308\n'
        server.metrics += b"vllm:num_requests_waiting 3\n"
        run = bench("load", server.url, tmp_path, *FEW)
    assert run.code == 0, run.out
    assert run.point["server"]["waiting"] == 3
    assert "running" not in run.point["server"]


COUNTS = {
    "more than was asked for": ({"completion_tokens": 1_000_000}, "1000000 tokens, of at most 6 requested"),
    "none beside text": ({"completion_tokens": 0}, "0 tokens, and there was text"),
    "a truth value": ({"completion_tokens": True}, "true tokens"),
    "a negative": ({"completion_tokens": -3}, "-3 tokens"),
    "a word": ({"completion_tokens": "6"}, '"6" tokens'),
    "a part": ({"completion_tokens": 1.5}, "1.5 tokens"),
    "a prompt of less than nothing": ({"completion_tokens": 2, "prompt_tokens": -1}, "-1 tokens in the prompt"),
}


@pytest.mark.parametrize(("usage", "reported"), COUNTS.values(), ids=COUNTS)
def test_a_count_that_cannot_be_is_a_flag_and_the_events_are_counted(
    tmp_path: Path, usage: dict[str, Any], reported: str
) -> None:
    def answer(talk: Talk) -> None:
        talk.stream(chunk("a"), chunk("b", "stop"), {"choices": [], "usage": usage})

    with misbehaving(answer) as server:
        run = bench("load", server.url, tmp_path, *FEW)
    assert run.code == 0
    assert "impossible_token_counts" in run.flags
    assert run.point["tokens"]["impossible"] == 6
    assert reported in run.point["tokens"]["impossible_example"]
    assert run.point["tokens"]["generated"] == 12
    assert f"impossible_token_counts: 6 of 6 answers, as in usage: {reported}" in run.out


def test_a_server_that_ignores_the_limit_is_reported_and_believed(tmp_path: Path) -> None:
    usage = {"choices": [], "usage": {"completion_tokens": 9}}
    with misbehaving(lambda talk: talk.stream(chunk("a whole page of text", "stop"), usage)) as server:
        run = bench("load", server.url, tmp_path, *FEW)
    assert "longer_than_asked" in run.flags
    assert "impossible_token_counts" not in run.flags
    assert run.point["tokens"]["generated"] == 54


def test_as_many_tokens_as_were_requested_are_believed(tmp_path: Path) -> None:
    with misbehaving(
        lambda talk: talk.stream(chunk("a", "length"), {"choices": [], "usage": {"completion_tokens": 6}})
    ) as server:
        run = bench("load", server.url, tmp_path, *FEW)
    assert "impossible_token_counts" not in run.flags
    assert run.point["tokens"]["generated"] == 36


def test_tokens_without_text_are_no_throughput(tmp_path: Path) -> None:
    def answer(talk: Talk) -> None:
        talk.stream(chunk(None, "stop"), {"choices": [], "usage": {"completion_tokens": 5, "prompt_tokens": 8}})

    with misbehaving(answer) as server:
        run = bench("load", server.url, tmp_path / "load", *FEW)
        sane = bench("sanity", server.url, tmp_path / "sanity")
    assert run.code == 4
    assert run.point["errors"] == {"empty": 6}
    assert run.point["output_tok_s"] is None
    assert sane.code == 4
    assert "streamed request: empty: the answer holds no text, though the server counts 5" in sane.out
    assert sane.result["run"]["status"] == "complete"


def test_an_event_of_many_lines_has_an_end() -> None:
    splitter = Splitter()
    for _ in range(EVENT_LIMIT // 80_000):
        assert splitter.feed(b"data: x\n" * 1000) == []
    with pytest.raises(EventTooLongError):
        splitter.feed(b"data: x\n" * 100_000)


def test_an_answer_has_only_so_many_events_and_so_much_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.mmbench.tokens.ARRIVALS", 10)
    monkeypatch.setattr("benchmarks.mmbench.tokens.TEXT", 10)
    long, wide = Account(), Account(keep_text=True)
    for number in range(10):
        long.add(json.dumps(chunk("a")).encode(), number)
    with pytest.raises(TooLongError, match="more than 10 events"):
        long.add(json.dumps(chunk("a")).encode(), 11)
    with pytest.raises(TooLongError, match="more than 10 characters"):
        wide.add(json.dumps(chunk("a" * 11)).encode(), 1)


def test_the_answers_in_flight_share_one_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "UNFINISHED", 100)
    room = Room()
    room.change(60)
    with pytest.raises(TooLongError):
        room.change(60)
    room.change(-120)
    assert room.held == 0


def test_a_stream_without_end_costs_its_request_and_no_memory(tmp_path: Path) -> None:
    """Lines of `data:` without the blank line that would end the event; the process may have 1 GB, and needs little."""

    def answer(talk: Talk) -> None:
        if server.posts % 3:
            return talk.stream(chunk("a", "stop"))
        talk.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")
        while True:
            talk.send(b"data: x\n" * 10_000)

    with misbehaving(answer) as server:
        line = command("load", server.url, tmp_path, "--concurrency", "4", "--requests", "12", "--warm-up", "0")
        # A shell between: the kernel's peak of a process includes what it held before it ran this program.
        limited = ["sh", "-c", 'ulimit -v 1048576; "$@"; exit $?', "--", *line]
        done = subprocess.run(limited, cwd=BENCHMARKS, capture_output=True, text=True, timeout=600, check=False)
    run = Run(done.returncode, done.stdout, done.stderr, tmp_path)
    assert run.code == 4, done.stderr
    assert run.point["errors"]["bad_http"] >= 3
    assert run.point["client"]["max_rss_mib"] < 300


def test_a_level_of_more_answers_than_the_client_keeps_ends_with_a_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving() as server:
        monkeypatch.setattr("benchmarks.mmbench.sample.ARRIVAL_COST", limits.KEPT // 20)
        run = bench("load", server.url, tmp_path, "--concurrency", "2", "--requests", "500")
    assert run.code == 4
    assert "more than this client keeps for one level: measure it shorter" in run.result["run"]["exit_reason"]
    assert run.requests


@pytest.mark.parametrize(
    ("head", "detail"),
    [
        (b"HTTP/1.1 100 Continue\r\n\r\n" * 3000, "interim answers"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n", "Content-Length is no length"),
    ],
)
def test_heads_that_never_end_are_bad_http(tmp_path: Path, head: bytes, detail: str) -> None:
    with misbehaving(lambda talk: talk.send(head)) as server:
        run = bench("load", server.url, tmp_path, *FEW)
    assert run.point["errors"] == {"bad_http": 6}
    assert detail in run.point["error_examples"]["bad_http"]
    assert "Traceback" not in run.err


def test_too_many_open_files_are_reported_as_such(tmp_path: Path) -> None:
    assert connection_failure(OSError(24, "Too many open files"))[0] == "out_of_files"
    with serving() as server:
        line = command("load", server.url, tmp_path, "--concurrency", "200", "--requests", "400")
        done = subprocess.run(
            line, cwd=BENCHMARKS, capture_output=True, text=True, timeout=600, check=False,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64)),
        )  # fmt: skip
    run = Run(done.returncode, done.stdout, done.stderr, tmp_path)
    assert run.code == 4
    assert "this client may open no more files" in run.result["run"]["exit_reason"]
    assert "the server is gone" not in done.stdout


def test_port_0_is_refused(tmp_path: Path) -> None:
    run = bench("load", "http://127.0.0.1:0", tmp_path)
    assert run.code == 2
    assert "port 0" in run.err


def test_a_client_that_fails_itself_says_so_and_keeps_its_trace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise TypeError("an error of ours")

    monkeypatch.setattr("benchmarks.mmbench.session.summarise", broken)
    with serving() as server:
        run = bench("load", server.url, tmp_path, *FEW)
    assert run.code == 4
    assert run.result["run"]["status"] == "aborted"
    assert "TypeError: an error of ours" in run.result["run"]["exit_reason"]
    assert "Traceback" not in run.out + run.err
    assert "an error of ours" in (tmp_path / "traceback.txt").read_text()
    assert len(run.requests) == 6, "what was measured stays"


def test_requests_of_a_level_that_was_killed_are_kept(tmp_path: Path) -> None:
    with serving() as server:
        line = command("load", server.url, tmp_path, "--concurrency", "2", "--requests", "100000")
        client = subprocess.Popen(line, cwd=BENCHMARKS, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            while server.server.truth.counts["ok"] < 40:
                assert client.poll() is None
                time.sleep(0.02)
        finally:
            client.kill()
            client.wait()
    lines = (tmp_path / "requests.jsonl").read_text().splitlines()
    assert len(lines) >= 30
    assert all(json.loads(each)["point"] == "c=2" for each in lines[:-1])


def test_a_full_disk_ends_the_run_with_a_message(tmp_path: Path) -> None:
    """The kernel refuses what goes beyond a limit, as a full disk does."""
    with serving() as server:
        line = command("load", server.url, tmp_path, "--concurrency", "2", "--requests", "5000")
        done = subprocess.run(
            line, cwd=BENCHMARKS, capture_output=True, text=True, timeout=600, check=False,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000)),
        )  # fmt: skip
    run = Run(done.returncode, done.stdout, done.stderr, tmp_path)
    assert run.code == 4
    assert run.result["run"]["status"] == "aborted"
    assert "the results cannot be written" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert not [each for each in tmp_path.iterdir() if each.name.endswith(".new")]


def test_where_not_one_byte_fits_the_result_still_stops_saying_that_it_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    def at_the_end(*_: object, **__: object) -> None:
        monkeypatch.setattr("benchmarks.mmbench.result.replace_whole", full)
        full()

    monkeypatch.setattr("benchmarks.mmbench.result.RunFolder.add_series", at_the_end)
    with serving() as server:
        run = bench("load", server.url, tmp_path, *FEW)
    assert run.code == 4
    assert run.result["run"]["status"] == "aborted"
    assert problems(run.result) == []
