"""Waits until stopped containers are really gone: their processes, and the GPU memory that these held."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable, Sequence

from mmcompose.deploy.docker.engine import DockerEngine, EngineError
from mmcompose.deploy.machine.nvml import Holders


def processes_of(engine: DockerEngine, ids: Iterable[str]) -> list[int]:
    """The process ids in the numbering of Docker's machine; read before the containers stop."""
    found: list[int] = []
    for container in ids:
        with contextlib.suppress(EngineError):
            found += engine.processes(container)
    return found


def left(engine: DockerEngine, ids: Sequence[str], pids: Sequence[int], holders: Holders | None) -> list[str]:
    """The remaining containers and processes, as text; empty if all are gone."""
    still = []
    for answer in engine.inspect(ids):
        status = (answer.get("State") or {}).get("Status", "")
        if status not in ("exited", "dead", "created", ""):
            still.append(f"container {str(answer.get('Name', '')).removeprefix('/')} is {status}")
    if not still:
        holding = sorted(set(pids) & holders()) if holders else []
        still += [f"process {pid} holds GPU memory" for pid in holding]
    return still


def wait(
    engine: DockerEngine,
    ids: Sequence[str],
    pids: Sequence[int],
    timeout: float,
    *,
    holders: Holders | None = None,
    now: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> list[str]:
    """Waits at most `timeout` seconds, and returns the remaining ones; usually the first look finds none."""
    end, pause = now() + timeout, 0.02
    while still := left(engine, ids, pids, holders):
        if now() > end:
            return still
        sleep(pause)
        pause = min(pause * 1.5, 0.5)
    return []
