"""Loads NVIDIA's management library; no other file does. The library is an extra, never a need."""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Callable, Sequence
from typing import Any

from mmcompose.deploy.machine.card_memory import CardMemory, Process

_MIB = 1 << 20

Holders = Callable[[], set[int]]
"""The processes that hold GPU memory now."""


class Nvml:
    """Reads through NVML. `nvml` is nvidia-ml-py, initialised; `wanted` are indices and UUIDs, those of MIG parts
    too."""

    source = "nvml"
    why = ""

    def __init__(self, nvml: Any, wanted: Sequence[str]) -> None:
        self._nvml = nvml
        by_index, by_uuid = nvml.nvmlDeviceGetHandleByIndex, nvml.nvmlDeviceGetHandleByUUID
        self._handles = [by_index(int(name)) if name.isdecimal() else by_uuid(name) for name in wanted]
        self._names = [
            (self._index(one), _text(nvml.nvmlDeviceGetUUID(one)), _text(nvml.nvmlDeviceGetName(one)))
            for one in self._handles
        ]

    def read(self) -> list[CardMemory]:
        return [
            CardMemory(index, uuid, name, *self._memory(handle), self._processes(handle))
            for handle, (index, uuid, name) in zip(self._handles, self._names, strict=True)
        ]

    def _index(self, handle: Any) -> int | None:
        try:
            return int(self._nvml.nvmlDeviceGetIndex(handle))
        except self._nvml.NVMLError:
            return None

    def _memory(self, handle: Any) -> tuple[float | None, float | None]:
        nvml = self._nvml
        try:
            # The second version leaves out what the driver itself reserves, as nvidia-smi does.
            memory = nvml.nvmlDeviceGetMemoryInfo(handle, nvml.nvmlMemory_v2)
        except (nvml.NVMLError, AttributeError, TypeError):
            try:
                memory = nvml.nvmlDeviceGetMemoryInfo(handle)
            except nvml.NVMLError:
                return None, None
        return memory.used / _MIB, memory.total / _MIB

    def _processes(self, handle: Any) -> tuple[Process, ...] | None:
        """The processes on a card. Engines compute; a display server only draws, but counts as somebody else's too."""
        nvml = self._nvml
        found: dict[int, float | None] = {}
        try:
            reported = list(nvml.nvmlDeviceGetComputeRunningProcesses(handle))
        except nvml.NVMLError:
            return None
        # Cards of servers draw nothing, and some say so by an error.
        with contextlib.suppress(nvml.NVMLError):
            reported += nvml.nvmlDeviceGetGraphicsRunningProcesses(handle)
        for one in reported:
            used = one.usedGpuMemory
            found[int(one.pid)] = None if used is None else used / _MIB
        return tuple(Process(pid, mib) for pid, mib in found.items())


def reader(wanted: Sequence[str]) -> tuple[Nvml | None, str]:
    """A reader of these GPUs, or the reason why there is none."""
    try:
        nvml: Any = _library()
    except ImportError:
        return None, "nvidia-ml-py is not installed (it comes with mmcompose[vram])"
    try:
        nvml.nvmlInit()
        found = Nvml(nvml, wanted)
    except nvml.NVMLError as error:
        return None, f"NVML reports {error}"
    if all(card.used_mib is None for card in found.read()):
        return None, "NVML reports no memory of these GPUs"
    return found, ""


def holders() -> Holders | None:
    """The processes that hold GPU memory; None if the library or the driver is missing."""
    try:
        nvml = _library()
        nvml.nvmlInit()
    except Exception:
        # No library, no driver, or another kind of GPU: in each case nobody knows.
        return None

    def holding() -> set[int]:
        found: set[int] = set()
        for index in range(nvml.nvmlDeviceGetCount()):
            device = nvml.nvmlDeviceGetHandleByIndex(index)
            for processes_of in (nvml.nvmlDeviceGetComputeRunningProcesses, nvml.nvmlDeviceGetGraphicsRunningProcesses):
                with contextlib.suppress(nvml.NVMLError):
                    found |= {int(process.pid) for process in processes_of(device)}
        return found

    return holding


def _library() -> Any:
    return importlib.import_module("pynvml")


def _text(value: str | bytes) -> str:
    """A text: older releases of nvidia-ml-py answer in bytes."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value
