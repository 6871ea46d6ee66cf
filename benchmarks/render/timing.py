"""Measures one whole process from outside: wall clock, CPU of it and its children, peak memory."""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

PATIENCE = 30.0  # a row that is slow is measured fewer times, but never less than three


class Sample(NamedTuple):
    wall: float
    cpu: float
    peak: int

    def __str__(self) -> str:
        return f"{self.wall * 1000:.0f} ms wall, {self.cpu * 1000:.0f} ms CPU, {self.peak / 1024:.0f} MB"


class Median(NamedTuple):
    runs: int
    wall: float
    cpu: float
    peak: int


class UnexpectedError(Exception):
    """Reports a program that did not do the measured job, so that its time means nothing."""


def once(command: Sequence[str], folder: Path, environment: Mapping[str, str], expected: int) -> Sample:
    # What it says goes to a file that nobody has to remove, for a pipe would be read while the clock runs.
    with tempfile.TemporaryFile() as errors:
        script = ["/bin/sh", "-c", 'cd "$1" && shift && exec "$@"', "sh", str(folder), *command]
        streams = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0), (os.POSIX_SPAWN_DUP2, errors.fileno(), 2)]
        start = time.perf_counter()
        child = os.posix_spawn(script[0], script, dict(environment), file_actions=streams)
        _, status, usage = os.wait4(child, 0)
        wall = time.perf_counter() - start
        errors.seek(0)
        text = errors.read().decode("utf-8", "replace").strip()
    code = os.waitstatus_to_exitcode(status)
    if code != expected:
        raise UnexpectedError(f"{' '.join(command)}: exit {code} instead of {expected}: {text[-2000:]}")
    return Sample(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss)


def median(
    command: Sequence[str],
    folder: Path,
    *,
    runs: int,
    environment: Mapping[str, str],
    expected: int = 0,
    before: Callable[[int], None] = lambda _run: None,
) -> Median:
    """The medians of several runs after one that does not count; `before` prepares each run and is not measured."""
    samples: list[Sample] = []
    started = time.perf_counter()
    for run in range(runs + 1):
        before(run)
        sample = once(command, folder, environment, expected)
        if run:
            samples.append(sample)
        if len(samples) >= 3 and time.perf_counter() - started > PATIENCE:
            break
    return Median(
        len(samples),
        statistics.median(sample.wall for sample in samples),
        statistics.median(sample.cpu for sample in samples),
        max(sample.peak for sample in samples),
    )
