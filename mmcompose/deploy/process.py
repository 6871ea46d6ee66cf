"""Identifies a process of mmcompose for later commands, and tells whether it is gone."""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def mine() -> dict[str, Any]:
    """The identity of this process: its number, its start time, and the machine on which the number holds."""
    return {"pid": os.getpid(), "began": began(os.getpid()), "place": place()}


def is_gone(noted: Any) -> bool:
    """Whether the process is certainly gone; always false for one of another machine."""
    if not isinstance(noted, Mapping) or not noted.get("began") or noted.get("place") != place():
        return False
    pid = noted.get("pid")
    return isinstance(pid, int) and began(pid) != noted["began"]


def place() -> str:
    """This machine since it started, and its numbering of processes: a process id means something only there."""
    boot = space = ""
    with contextlib.suppress(OSError):
        boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    with contextlib.suppress(OSError):
        space = str(Path("/proc/self/ns/pid").readlink())
    return f"{socket.gethostname()} {boot} {space}".strip()


def began(pid: int | str) -> str:
    """The start time of the process, if it is known: no later process with the same id has it."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("ascii", "replace")
        fields = stat.rpartition(")")[2].split()
        # One that has ended and that nobody has collected yet does nothing any more.
        return "" if fields[0] in "ZX" else fields[19]
    except (OSError, IndexError):
        pass
    if not Path("/proc/self").exists() and str(pid).isdigit():
        with contextlib.suppress(OSError):
            os.kill(int(pid), 0)
            return "running"
    return ""
