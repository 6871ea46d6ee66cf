"""Uses the engine that `make demo` has set up beside the system, if Docker itself would find none.

A file of the user's names it: `mmcompose/engine.json` in $XDG_STATE_HOME, by default in ~/.local/state. It holds
variables for a shell, DOCKER_HOST first. It is ignored beside DOCKER_HOST, DOCKER_CONTEXT or a context that the user
chose, and if a program listens at Docker's usual socket.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
from pathlib import Path

USUAL = Path("/var/run/docker.sock")
_PATIENCE = 2.0


def use() -> None:
    """Directs this program and its children to the noted engine, if there is one and the user chose no other."""
    noted = read()
    socket_of = noted.get("DOCKER_HOST", "").removeprefix("unix://")
    if not socket_of or chosen() or listens(USUAL) or not listens(Path(socket_of)):
        return
    os.environ["DOCKER_HOST"] = noted["DOCKER_HOST"]
    if "DOCKER_CONFIG" in noted:
        os.environ.setdefault("DOCKER_CONFIG", noted["DOCKER_CONFIG"])
    if "PATH" in noted and not shutil.which("docker"):
        os.environ["PATH"] = os.pathsep.join([os.environ.get("PATH", os.defpath), noted["PATH"]])


def place() -> Path | None:
    """The path of the note; None for a user without a home."""
    state, home = Path(os.environ.get("XDG_STATE_HOME", "")), Path(os.environ.get("HOME", ""))
    if not state.is_absolute():
        state = home / ".local" / "state"
    return state / "mmcompose" / "engine.json" if state.is_absolute() else None


def read() -> dict[str, str]:
    """The entries of the note; empty if it is malformed or belongs to another user."""
    path = place()
    try:
        if path is None or path.stat().st_uid != os.geteuid():
            return {}
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, AttributeError):
        return {}
    named = found.items() if isinstance(found, dict) else ()
    return {name: value for name, value in named if isinstance(value, str) and value and "\0" not in value}


def chosen() -> bool:
    """Whether the user names an engine: by a variable, or as the current context of Docker's settings."""
    if os.environ.get("DOCKER_HOST") or os.environ.get("DOCKER_CONTEXT"):
        return True
    folder = os.environ.get("DOCKER_CONFIG") or Path(os.environ.get("HOME", ""), ".docker")
    try:
        settings = json.loads(Path(folder, "config.json").read_text("utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(settings, dict) and settings.get("currentContext", "") not in ("", "default")


def listens(path: Path) -> bool:
    """Whether an engine listens; a slow or refusing engine counts."""
    if not hasattr(socket, "AF_UNIX"):
        return False
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(_PATIENCE)
        try:
            probe.connect(str(path))
        except (PermissionError, TimeoutError, BlockingIOError):
            return True
        except OSError:
            return False
    return True
