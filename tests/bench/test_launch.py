"""A client in the foreground: every line is heard, an interruption is passed on once, and the end is waited for."""

from __future__ import annotations

import inspect
import json
import os
import signal
import sys
import threading
import time
from pathlib import Path

import pytest

from mmcompose.bench.run import launch
from mmcompose.bench.run.launch import ContainerStop, OutputLine, worded

COUNTS = {"point": "c=8", "total": 40, "in_flight": 8, "done": 10, "ok": 9, "failed": 1, "tok_s": 512.4,
          "ttft_p50_ms": 50.4, "eta_s": 12.2}  # fmt: skip


def python(program: str) -> list[str]:
    return [sys.executable, "-u", "-c", program]


def test_counts_and_lines_are_distinguished() -> None:
    received: list[OutputLine] = []
    text = json.dumps(COUNTS)
    program = f"import sys; sys.stderr.write({text!r} + chr(10)); print('table'); print('results: /results/load/x')"
    ended = launch.run(python(program), received.append)
    assert ended.code == 0
    assert [each.counts for each in received if each.counts] == [COUNTS]
    assert "table" in ended.last_lines


@pytest.mark.parametrize("line", ["{", "{}", "[1]", '{"other": 1}', "\\xff\\xfe", "results: elsewhere"])
def test_what_is_no_count_is_only_a_line(line: str) -> None:
    ended = launch.run(python(f"import sys; sys.stdout.buffer.write(b'{line}\\n'); sys.exit(4)"), lambda _: None)
    assert ended.code == 4


def test_the_state_of_a_load_reads_like_a_sentence() -> None:
    printed = "c=8: 8 in flight, 10/40 done, 9 ok, 1 failed, 512 tok/s, TTFT p50 50 ms, 12 s left"
    assert worded(COUNTS) == printed
    assert worded({"point": "c=1"}) == "c=1: 0 in flight, 0 done, 0 ok, 0 failed, 0 tok/s, TTFT p50 -"
    assert worded({"message": "again with 2"}) == "again with 2"


WAITS = """
import os, pathlib, time
place = pathlib.Path({place!r})
def come(name):
    while not place.with_name(name).exists(): time.sleep(0.01)
print("begun")
come("stop")
print("asked")
come("again")
print("results: /results/load/y")
raise SystemExit(130)
"""


class Docker(ContainerStop):
    """Stands for the container: it ends when it is told to."""

    def __init__(self, place: Path) -> None:
        super().__init__()
        self.place, self.requested = place, list[bool]()

    def __call__(self, *, remove: bool) -> None:
        self.requested.append(remove)
        self.place.touch()


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_an_interrupted_client_is_stopped_once_and_read_to_its_end(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launch, "_INSISTS", 3600.0)
    stop = Docker(tmp_path / "stop")

    def interrupt(then: Path) -> None:
        while not listening():
            time.sleep(0.01)
        os.kill(os.getpid(), getattr(signal, name))
        then.touch()

    def hear(received: OutputLine) -> None:
        if received.text in ("begun", "asked"):
            then = tmp_path / {"begun": "nothing", "asked": "again"}[received.text]
            threading.Thread(target=interrupt, args=(then,)).start()

    stop_seen = launch.run(python(WAITS.format(place=str(stop.place))), hear, stop)
    assert stop_seen.code == 130
    assert stop_seen.last_lines[-1] == "results: /results/load/y"
    assert stop.requested == [False]


def listening() -> bool:
    """Whether the main thread waits in the kernel for the client's next words. A signal that comes while it is on its
    way there is heard with those words, and takes them along."""
    source, first = inspect.getsourcelines(launch._lines)
    waits = first + next(index for index, line in enumerate(source) if ".readline()" in line)
    frame = sys._current_frames()[threading.main_thread().ident or 0]
    asleep_in = Path(f"/proc/self/task/{threading.main_thread().native_id}/wchan").read_text()
    there = "pipe" in asleep_in or asleep_in in ("", "0")  # some kernels do not tell
    return there and frame.f_code is launch._lines.__code__ and frame.f_lineno == waits


def test_a_program_that_a_signal_ended_has_the_code_that_a_shell_would_tell() -> None:
    assert launch.run(python("import os; os.kill(os.getpid(), 9)"), lambda _: None).code == 137
