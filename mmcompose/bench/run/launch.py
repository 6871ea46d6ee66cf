"""Runs one benchmark container to its end and passes on its output. An interruption reaches it in order."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from mmcompose.deploy.docker.command import ask
from mmcompose.deploy.interruption import terminable

_PATIENCE = 30.0
_INSISTS = 1.0


class OutputLine(NamedTuple):
    """One line of output: `counts` for a state of the load, else its text."""

    text: str
    counts: Mapping[str, Any] | None = None


class Ended(NamedTuple):
    """The exit code, and the last lines of output."""

    code: int
    last_lines: tuple[str, ...]


class ContainerStop:
    """Ends the container of a command, which Docker knows by `name`; a command without one is only terminated."""

    def __init__(self, docker: Sequence[str] = (), name: str = "") -> None:
        self._docker, self._name = list(docker), name

    def __call__(self, *, remove: bool) -> None:
        signal = ["rm", "--force"] if remove else ["kill", "--signal", "INT"]
        if self._name:
            ask(*self._docker, "container", *signal, self._name, patience=_PATIENCE)


def run(command: Sequence[str], tell: Callable[[OutputLine], None], stop: ContainerStop | None = None) -> Ended:
    """Runs the client. On an interruption it calls `stop`: the client then writes its measurements, and ends."""
    with terminable():
        return _run(command, tell, stop or ContainerStop())


def _run(command: Sequence[str], tell: Callable[[OutputLine], None], stop: ContainerStop) -> Ended:
    last_lines = list[str]()
    with _process(command, stop) as process:
        assert process.stdout is not None
        for line in _lines(process, stop):
            counts = _counts(line)
            if counts is None and line.strip():
                last_lines = [*last_lines[-400:], line]
            tell(OutputLine(line, counts))
        code = process.wait()
    # For a process that a signal ended, the code of a shell.
    return Ended(128 - code if code < 0 else code, tuple(last_lines))


@contextmanager
def _process(command: Sequence[str], stop: ContainerStop) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        list(command),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
        # Docker would leave at the first interruption and let the client go on alone; so only we hear of it.
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            stop(remove=True)
            process.terminate()
            try:
                process.wait(_PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if process.stdout is not None:
            process.stdout.close()


def _lines(process: subprocess.Popen[str], stop: ContainerStop) -> Iterator[str]:
    """Yields the client's output, after an interruption to its end too; a second interruption ends it at once."""
    assert process.stdout is not None
    since = None
    while True:
        try:
            line = process.stdout.readline()
        except KeyboardInterrupt:
            if since is not None and time.monotonic() - since > _INSISTS:
                raise
            if since is None:
                stop(remove=False)
            since = since or time.monotonic()
            continue
        if not line:
            return
        yield line.rstrip("\n")


def _counts(line: str) -> Mapping[str, Any] | None:
    if not line.startswith("{"):
        return None
    try:
        read = json.loads(line)
    except ValueError:
        return None
    return read if isinstance(read, dict) and ("point" in read or "message" in read) else None


def worded(counts: Mapping[str, Any]) -> str:
    """The state of the load on one line."""
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
