"""Runs the docker CLI with a time limit; stops it when the reader is gone."""

from __future__ import annotations

import contextlib
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

_PARTING = 10.0
"""Seconds for a program to end in peace, so that Compose can finish its step."""


LATE = 124
"""The exit code of a program that gave no answer in time, as that of `timeout`."""


class EngineError(Exception):
    """A refusal by Docker, or none of its programs that answers. `message` is everything that it printed."""

    def __init__(self, message: str, code: int = 1, out: str = "") -> None:
        super().__init__(message)
        self.message, self.code, self.out = message, code, out

    @property
    def last_line(self) -> str:
        lines = [line for line in self.message.splitlines() if line.strip()]
        return lines[-1][:200] if lines else "Docker gave no reason"

    @property
    def only_gone(self) -> bool:
        """Whether it complains only about containers that no longer exist."""
        lines = [line.lower() for line in self.message.splitlines() if line.strip()]
        return bool(lines) and all("no such container" in line or "no such object" in line for line in lines)


class LivenessWatch(NamedTuple):
    """Calls `alive` every `every` seconds; calls `doubt` after an interrupted question."""

    alive: Callable[[], bool]
    doubt: Callable[[], None]
    every: float


def run(command: Sequence[str], patience: float, watch: LivenessWatch | None = None) -> str:
    """Returns the standard output. Gives a long question up early when Docker hangs."""
    process = _started(command, subprocess.PIPE)
    began = time.monotonic()
    with process:
        try:
            printed, complained = _patiently(process, patience, watch)
        except subprocess.TimeoutExpired as late:
            process.kill()
            took = time.monotonic() - began
            raise EngineError(f"{_name(command)} gave no answer in {took:.0f} s", LATE) from late
        except BaseException:
            process.kill()
            if watch is not None:
                watch.doubt()
            raise
    out, err = printed.decode("utf-8", "replace"), complained.decode("utf-8", "replace")
    if process.returncode:
        message = err.strip() or out.strip() or f"{_name(command)} ended with {process.returncode}"
        raise EngineError(message, process.returncode, out)
    return out.removesuffix("\n")


def _patiently(process: subprocess.Popen[bytes], patience: float, watch: LivenessWatch | None) -> tuple[bytes, bytes]:
    """Waits for the end of a program; raises TimeoutExpired when the time is over, or Docker does not answer at all."""
    end = time.monotonic() + patience
    while True:
        left = end - time.monotonic()
        try:
            return process.communicate(timeout=left if watch is None else min(left, watch.every))
        except subprocess.TimeoutExpired:
            if watch is None or time.monotonic() >= end or not watch.alive():
                raise


def stream(command: Sequence[str], patience: float | None = None) -> Iterator[str]:
    """Yields the lines of both streams as they come. Ends the program when the reader goes or `patience` is over."""
    process = _started(command, subprocess.STDOUT)
    printed: list[str] = []
    with process, after(patience, process.terminate) as late:
        try:
            assert process.stdout is not None
            for line in process.stdout:
                printed = [*printed[-200:], line.decode("utf-8", "replace").rstrip("\r\n")]
                yield printed[-1]
            code = process.wait()
        except BaseException:
            _end(process)
            raise
    if late.is_set():
        raise EngineError("\n".join([*printed, f"{_name(command)} gave no answer in {patience:.0f} s"]), LATE)
    if code:
        raise EngineError("\n".join(printed) or f"{_name(command)} ended with {code}", code)


def _started(command: Sequence[str], errors: int) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors)
    except (OSError, ValueError) as error:
        text = getattr(error, "strerror", None) or str(error)
        raise EngineError(f"{_name(command)}: {text}", 127) from error


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        # Without a reader for its last lines it could wait for ever.
        process.communicate(timeout=_PARTING)
    except (subprocess.TimeoutExpired, KeyboardInterrupt):
        process.kill()
    with contextlib.suppress(OSError, ValueError):
        process.communicate()


def _name(command: Sequence[str]) -> str:
    """The program and its command, without options, which may be very long."""
    arguments = [argument for argument in command[1:] if not argument.startswith(("-", "/"))]
    return " ".join([command[0].replace("\\", "/").rpartition("/")[2], *arguments[:2]])


@contextmanager
def after(seconds: float | None, do: Callable[[], None]) -> Iterator[threading.Event]:
    """Sets the event and then calls `do` if the block takes longer; None means no deadline."""
    late = threading.Event()
    if seconds is None:
        yield late
        return

    def end() -> None:
        late.set()
        do()

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        yield late
    finally:
        timer.cancel()
