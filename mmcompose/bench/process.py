"""Which process of this machine a run belongs to, and whether that process is gone."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mmcompose.deploy.handover.lock import place

_STARTED = 19
"""The start time's place in /proc/PID/stat, counted from behind the name."""


def mine() -> dict[str, Any]:
    """What identifies a process: its number, when it began, and the machine on which that number holds."""
    return {"pid": os.getpid(), "began": _began(os.getpid()), "place": place()}


def is_gone(noted: Any) -> bool:
    """Whether it is certainly gone; one of another machine never is."""
    if not isinstance(noted, Mapping) or not noted.get("began") or noted.get("place") != place():
        return False
    pid = noted.get("pid")
    return isinstance(pid, int) and _began(pid) != noted["began"]


def _began(pid: int) -> str:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
        fields = stat.rpartition(")")[2].split()
        return "" if fields[0] in "ZX" else fields[_STARTED]
    except (OSError, IndexError):
        return ""
