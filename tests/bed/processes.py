"""Daemons that outlive the program that started them, and are ended only when they are provably the same process."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bed.commands import BedError, tail

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


def start(
    command: Sequence[str | Path], record: Path, log: Path, ready: Callable[[], bool], env: Mapping[str, str]
) -> None:
    """Start a daemon, write down who it is before waiting for it, and wait until it is ready."""
    with log.open("w") as printed:
        child = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=printed,
            stderr=printed,
            start_new_session=True,
            env=dict(env),
        )
    # A daemon is meant to outlive this program: without a return code Popen would warn about it at collection.
    record.write_text(json.dumps({"pid": child.pid, "begun": begun(child.pid), "command": [str(p) for p in command]}))
    deadline = time.monotonic() + 60
    while not ready():
        if child.poll() is not None or time.monotonic() > deadline:
            end(record)
            raise BedError(f"{command[0]} did not come up; {log} ends with\n{tail(log.read_text())}")
        time.sleep(0.1)
    child.returncode = 0


def begun(pid: int) -> str | None:
    """When a process began, in the kernel's ticks: with the number it names one process for ever."""
    with suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)  # a dead child of this very program would keep its number
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()
    return None if fields[0] == "Z" else fields[19]


def alive(record: Path) -> int | None:
    """The process that the record names, when it still runs."""
    try:
        noted = json.loads(record.read_text())
        pid, since = int(noted["pid"]), noted["begun"]
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return pid if since and begun(pid) == since else None


def kill(record: Path) -> None:
    """End the recorded process at once, as a crash would; the record stays, for the next start to find."""
    pid = alive(record)
    if pid is not None:
        os.kill(pid, signal.SIGKILL)
        deadline = time.monotonic() + 10
        # Also until the number is free again: a new dockerd takes a dead one that nobody collected for a living one.
        while (alive(record) is not None or Path(f"/proc/{pid}").exists()) and time.monotonic() < deadline:
            time.sleep(0.02)


def end(record: Path, patience: float = 30) -> bool:
    """End the recorded process, asking first. True when there was one."""
    pid = alive(record)
    if pid is not None:
        os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + patience
        while alive(record) is not None and time.monotonic() < deadline:
            time.sleep(0.1)
        if alive(record) is not None:
            os.kill(pid, signal.SIGKILL)
            time.sleep(0.5)
    record.unlink(missing_ok=True)
    return pid is not None
