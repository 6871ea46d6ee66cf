"""Identifies the process behind a run, and tells whether it is gone."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mmcompose.deploy.handover.lock import place

_STARTED = 19
"""The start time's place in /proc/PID/stat, counted from behind the name."""


def mine() -> dict[str, Any]:
    """The identity of this process: its number, its start time, and the machine on which the number holds."""
    return {"pid": os.getpid(), "began": _began(os.getpid()), "place": place()}


def is_gone(noted: Any) -> bool:
    """Whether the process is certainly gone; always false for one of another machine."""
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
