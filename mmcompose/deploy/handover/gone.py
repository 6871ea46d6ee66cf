"""Wait until stopped containers are really gone: their processes, and the GPU memory that these held."""

from __future__ import annotations

import contextlib
import importlib
import time
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from mmcompose.deploy.docker.engine import EngineError

if TYPE_CHECKING:
    from mmcompose.deploy.docker.engine import Engine

Holders = Callable[[], set[int]]
"""The processes that hold GPU memory now."""


def processes_of(engine: Engine, ids: Iterable[str]) -> list[int]:
    """As the machine of the engine counts them; asked before they are stopped."""
    found: list[int] = []
    for container in ids:
        with contextlib.suppress(EngineError):
            found += engine.processes(container)
    return found


def left(engine: Engine, ids: Sequence[str], pids: Sequence[int], holders: Holders | None) -> list[str]:
    """What is still there, in words; nothing when all is gone."""
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
    engine: Engine,
    ids: Sequence[str],
    pids: Sequence[int],
    timeout: float,
    *,
    holders: Holders | None = None,
    now: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> list[str]:
    """What is left after `timeout` seconds at most; usually nothing at the first look."""
    end, pause = now() + timeout, 0.02
    while still := left(engine, ids, pids, holders):
        if now() > end:
            return still
        sleep(pause)
        pause = min(pause * 1.5, 0.5)
    return []


def gpu_holders() -> Holders | None:
    """By NVML, where nvidia-ml-py is installed and there is a driver; it is an extra, never a need."""
    try:
        nvml: Any = importlib.import_module("pynvml")
        nvml.nvmlInit()
    except Exception:
        # No library, no driver, or another kind of GPU: all mean that it cannot be told.
        return None

    def holding() -> set[int]:
        found: set[int] = set()
        for index in range(nvml.nvmlDeviceGetCount()):
            device = nvml.nvmlDeviceGetHandleByIndex(index)
            for asked in (nvml.nvmlDeviceGetComputeRunningProcesses, nvml.nvmlDeviceGetGraphicsRunningProcesses):
                with contextlib.suppress(nvml.NVMLError):
                    found |= {int(process.pid) for process in asked(device)}
        return found

    return holding
