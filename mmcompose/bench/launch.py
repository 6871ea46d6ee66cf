"""Runs one benchmark container to its end and passes on what it says. An interruption reaches it in order."""

from __future__ import annotations

import json
import re
import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

_RESULTS = re.compile(r"^results: (/results/\S.*)$")
_PATIENCE = 30.0


@dataclass(frozen=True, slots=True)
class Heard:
    """One line: `counts` where it is the state of the load, else its text."""

    text: str
    counts: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """`folder` is where the client says that its results lie, inside the container."""

    code: int
    folder: str | None
    said: tuple[str, ...]


def run(command: Sequence[str], tell: Callable[[Heard], None]) -> Ended:
    folder, said = None, list[str]()
    with _process(command) as process:
        assert process.stdout is not None
        for line in _lines(process):
            if found := _RESULTS.match(line):
                folder = found.group(1)
            counts = _counts(line)
            if counts is None and line.strip():
                said = [*said[-400:], line]
            tell(Heard(line, counts))
        code = process.wait()
    return Ended(_as_exit(code), folder, tuple(said))


@contextmanager
def _process(command: Sequence[str]) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        list(command),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(_PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if process.stdout is not None:
            process.stdout.close()


def _lines(process: subprocess.Popen[str]) -> Iterator[str]:
    """Ctrl-C is sent by the terminal to the whole group: what the client still says after it is heard to the end."""
    assert process.stdout is not None
    interrupted = False
    while True:
        try:
            line = process.stdout.readline()
        except KeyboardInterrupt:
            if interrupted:
                raise
            interrupted = True
            with suppress(ProcessLookupError):
                process.send_signal(signal.SIGINT)
            continue
        if not line:
            return
        # A progress bar writes over its own line.
        yield line.rstrip("\n").rpartition("\r")[2]


def _counts(line: str) -> Mapping[str, Any] | None:
    if not line.startswith("{"):
        return None
    try:
        read = json.loads(line)
    except ValueError:
        return None
    return read if isinstance(read, dict) and ("point" in read or "message" in read) else None


def _as_exit(code: int) -> int:
    """Of a process that a signal ended, what a shell would say."""
    return 128 - code if code < 0 else code


def worded(counts: Mapping[str, Any]) -> str:
    """The state of the load in one line."""
    if "message" in counts:
        return str(counts["message"])
    total = f"/{counts['total']}" if counts.get("total") else ""
    ttft, left = counts.get("ttft_p50_ms"), counts.get("eta_s")
    parts = [
        f"{counts.get('in_flight', 0)} in flight",
        f"{counts.get('done', 0)}{total} done",
        f"{counts.get('ok', 0)} ok",
        f"{counts.get('failed', 0)} failed",
        f"{counts.get('tok_s') or 0:.0f} tok/s",
        f"TTFT p50 {'-' if ttft is None else f'{ttft:.0f} ms'}",
    ]
    return f"{counts['point']}: {', '.join(parts)}" + ("" if left is None else f", {left:.0f} s left")
