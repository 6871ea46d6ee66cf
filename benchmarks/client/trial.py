"""Runs one trial: a client on its core, the truth server on another; collects the report, the truth and the cost."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from types import TracebackType
from typing import Any, Self

from .contestants import HERE, Cell, Contestant, Report

TTFT_MS, ITL_MS = 50.0, 10.0
LIMIT_S = 180.0
ROOT = HERE.parent.parent
CLOCK_TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Trial:
    client: str
    load: str
    of_ideal: float | None = None
    ttft_bias_p50: float | None = None
    ttft_bias_p99: float | None = None
    itl_bias_p50: float | None = None
    us_per_token: float | None = None
    rss_mb: float | None = None
    ready_s: float | None = None
    others: float | None = None
    note: str = ""
    body_bytes: tuple[int, ...] = ()
    image_sha256: tuple[str, ...] = ()

    def cells(self) -> list[object]:
        figures = (self.of_ideal, self.ttft_bias_p50, self.ttft_bias_p99, self.itl_bias_p50, self.us_per_token)
        return [self.client, self.load, *figures, self.rss_mb, self.ready_s, self.others, self.note]

    def described(self) -> dict[str, Any]:
        return asdict(self)


def middle(trials: Sequence[Trial]) -> Trial:
    """The median of each figure, over the trials that have it."""
    figures: dict[str, Any] = trials[0].described()
    for name, value in figures.items():
        values = [getattr(each, name) for each in trials if isinstance(getattr(each, name), float)]
        figures[name] = median(values) if values else value
    notes = sorted({each.note for each in trials if each.note})
    bytes_seen = tuple(sorted({size for each in trials for size in each.body_bytes}))
    hashes = tuple(sorted({sha for each in trials for sha in each.image_sha256}))
    return Trial(**figures | {"note": "; ".join(notes), "body_bytes": bytes_seen, "image_sha256": hashes})


class TruthProcess:
    """The truth server, pinned to its core."""

    def __init__(self, core: int, first_in_line: bool) -> None:
        command = [sys.executable, "-m", "benchmarks.client.truth_server", "--verify-bodies", "4"]
        command = ["taskset", "-c", str(core), *(["chrt", "-r", "1"] if first_in_line else []), *command]
        self._process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)

    def __enter__(self) -> Self:
        greeting = self._process.stdout.readline() if self._process.stdout else ""
        if not greeting.startswith("listening on "):
            raise RuntimeError("the truth server did not start (with --shared-machine it needs root)")
        self.url = f"http://127.0.0.1:{int(greeting.split()[-1])}"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.wait()

    def ask(self, path: str) -> dict[str, Any]:
        with urllib.request.urlopen(self.url + path, timeout=30) as answer:  # noqa: S310 - our own server
            reply: dict[str, Any] = json.load(answer)
        return reply


def run_trial(contestant: Contestant, cell: Cell, truth: TruthProcess, core: int, work: Path, preferred: bool) -> Trial:
    place = Path(tempfile.mkdtemp(dir=work))
    command = contestant.command(cell, truth.url, place)
    environment = os.environ | contestant.environment(place) | {"PYTHONPATH": f"{ROOT}:{ROOT / 'benchmarks'}"}
    command = ["taskset", "-c", str(core), *(["nice", "-n", "-10"] if preferred else []), *command]
    truth.ask("/__reset")
    busy, began, spent = busy_seconds(), time.monotonic(), truth.ask("/__truth?min_tokens=2")["cpu_s"]
    with (place / "stdout").open("w") as out, (place / "stderr").open("w") as err:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=out, stderr=err, start_new_session=True)
        usage, killed = wait(process)
    wall = time.monotonic() - began
    actual = truth.ask(f"/__truth?min_tokens=2&skip={cell.concurrency}")
    cpu = usage.ru_utime + usage.ru_stime
    others = (busy_seconds() - busy - cpu - (actual["cpu_s"] - spent)) / wall / (os.cpu_count() or 1)
    try:
        report = contestant.read(place)
        note = "" if actual["failed"] == 0 else f"{actual['failed']} requests failed"
    except (OSError, ValueError, LookupError, TypeError) as error:
        report = Report(None, None, None)
        last = (place / "stderr").read_text(errors="replace").strip().splitlines()[-1:]
        note = f"killed after {LIMIT_S:g} s" if killed else f"no report: {type(error).__name__} {' '.join(last)[:120]}"
    shutil.rmtree(place, ignore_errors=True)
    first_contact = actual["first_contact"]
    return Trial(
        client=contestant.name,
        load=cell.name,
        of_ideal=actual["req_s"] and actual["req_s"] / cell.ideal(TTFT_MS, ITL_MS),
        ttft_bias_p50=bias(report.ttft_p50, actual["ttft_ms"], "p50"),
        ttft_bias_p99=bias(report.ttft_p99, actual["ttft_ms"], "p99"),
        itl_bias_p50=bias(report.itl_p50, actual["itl_ms"], "p50"),
        us_per_token=cpu / actual["tokens_all"] * 1e6 if actual["tokens_all"] else None,
        rss_mb=usage.ru_maxrss / 1024,
        ready_s=first_contact - began if first_contact else None,
        others=max(0.0, others),
        note=note,
        body_bytes=tuple(actual["body_bytes"]),
        image_sha256=tuple(actual["image_sha256"]),
    )


def wait(process: subprocess.Popen[bytes]) -> tuple[Any, bool]:
    """Resources of the process and of its children that it waited for."""
    deadline, killed = time.monotonic() + LIMIT_S, False
    while True:
        pid, _, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            return usage, killed
        if time.monotonic() > deadline:
            os.killpg(process.pid, signal.SIGKILL)
            killed = True
        time.sleep(0.05)


def bias(reported: float | None, actual: dict[str, float] | None, figure: str) -> float | None:
    return None if reported is None or actual is None else reported - actual[figure]


def busy_seconds() -> float:
    """CPU time of all cores that was not idle."""
    fields = Path("/proc/stat").read_text().splitlines()[0].split()[1:9]
    ticks = [int(each) for each in fields]
    return (sum(ticks) - ticks[3] - ticks[4]) / CLOCK_TICK
