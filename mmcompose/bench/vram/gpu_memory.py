"""GPU memory of this machine: by NVML, else by nvidia-smi, else not at all and why."""

from __future__ import annotations

import contextlib
import importlib
import os
import shutil
import subprocess
from collections.abc import Sequence
from typing import Any, Protocol

from mmcompose.bench.vram.cards import CARD_COLUMNS, PROCESS_COLUMNS, CardMemory, Process, chosen, of_smi

_PATIENCE = 10.0
_MIB = 1 << 20


class Reader(Protocol):
    """`source` tells by what it reads, None when it cannot; `why` then says why."""

    @property
    def source(self) -> str | None: ...
    @property
    def why(self) -> str: ...
    def read(self) -> list[CardMemory]: ...


class Unread:
    """Nothing can be read here."""

    source = None

    def __init__(self, why: str) -> None:
        self.why = why

    def read(self) -> list[CardMemory]:
        return []


class Nvml:
    """`nvml` is nvidia-ml-py, initialised; `wanted` are indices and UUIDs, those of MIG parts too."""

    source = "nvml"
    why = ""

    def __init__(self, nvml: Any, wanted: Sequence[str]) -> None:
        self._nvml = nvml
        self._handles = [self._handle(name) for name in wanted]
        self._names = [(self._index(handle), *self._named(handle)) for handle in self._handles]

    def read(self) -> list[CardMemory]:
        return [
            CardMemory(index, uuid, name, *self._memory(handle), self._processes(handle))
            for handle, (index, uuid, name) in zip(self._handles, self._names, strict=True)
        ]

    def _handle(self, name: str) -> Any:
        nvml = self._nvml
        return nvml.nvmlDeviceGetHandleByIndex(int(name)) if name.isdecimal() else nvml.nvmlDeviceGetHandleByUUID(name)

    def _index(self, handle: Any) -> int | None:
        try:
            return int(self._nvml.nvmlDeviceGetIndex(handle))
        except self._nvml.NVMLError:
            return None

    def _named(self, handle: Any) -> tuple[str, str]:
        return _text(self._nvml.nvmlDeviceGetUUID(handle)), _text(self._nvml.nvmlDeviceGetName(handle))

    def _memory(self, handle: Any) -> tuple[float | None, float | None]:
        nvml = self._nvml
        try:
            # The second version leaves out what the driver itself reserves, as nvidia-smi does.
            told = nvml.nvmlDeviceGetMemoryInfo(handle, nvml.nvmlMemory_v2)
        except (nvml.NVMLError, AttributeError, TypeError):
            try:
                told = nvml.nvmlDeviceGetMemoryInfo(handle)
            except nvml.NVMLError:
                return None, None
        return told.used / _MIB, told.total / _MIB

    def _processes(self, handle: Any) -> tuple[Process, ...] | None:
        """Engines compute; a display server only draws, and counts as somebody else all the same."""
        nvml = self._nvml
        found: dict[int, float | None] = {}
        try:
            told = list(nvml.nvmlDeviceGetComputeRunningProcesses(handle))
        except nvml.NVMLError:
            return None
        # Cards of servers draw nothing, and some say so by an error.
        with contextlib.suppress(nvml.NVMLError):
            told += nvml.nvmlDeviceGetGraphicsRunningProcesses(handle)
        for one in told:
            used = one.usedGpuMemory
            found[int(one.pid)] = None if used is None else used / _MIB
        return tuple(Process(pid, mib) for pid, mib in found.items())


class Smi:
    """`nvidia-smi`, which takes longer and tells less often."""

    source = "nvidia-smi"
    why = ""

    def __init__(self, program: str, wanted: Sequence[str]) -> None:
        self._program, self._wanted = program, tuple(wanted)

    def read(self) -> list[CardMemory]:
        return chosen(self.all(), self._wanted)[0]

    def all(self) -> list[CardMemory]:
        cards = self._asked("--query-gpu=" + ",".join(CARD_COLUMNS))
        return of_smi(cards, self._asked("--query-compute-apps=" + ",".join(PROCESS_COLUMNS))) if cards else []

    def _asked(self, query: str) -> str | None:
        try:
            done = subprocess.run(
                [self._program, query, "--format=csv,noheader,nounits"],
                capture_output=True,
                text=True,
                errors="replace",
                timeout=_PATIENCE,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired):
            return None
        return done.stdout if done.returncode == 0 else None


def open_reader(wanted: Sequence[str]) -> Reader:
    """For these GPUs, by index or UUID. It reads once before it is believed."""
    if not wanted:
        return Unread("no GPU is claimed by what is measured")
    if os.environ.get("DOCKER_HOST", "").partition("://")[0] in ("tcp", "ssh"):
        return Unread("the Docker Engine runs on another machine, whose GPUs cannot be read from here")
    by_nvml, why_not = _nvml(wanted)
    if by_nvml is not None:
        return by_nvml
    program = shutil.which("nvidia-smi")
    if program is None:
        return Unread(f"{why_not}, and there is no nvidia-smi")
    smi = Smi(program, wanted)
    seen = smi.all()
    missing = chosen(seen, wanted)[1]
    if not seen:
        return Unread(f"{why_not}, and nvidia-smi answers nothing that can be read")
    if missing:
        return Unread(f"there is no GPU {', '.join(missing)} on this machine, as the host file has it")
    return smi


def _nvml(wanted: Sequence[str]) -> tuple[Reader | None, str]:
    try:
        nvml: Any = importlib.import_module("pynvml")
    except ImportError:
        return None, "nvidia-ml-py is not installed (it comes with mmcompose[vram])"
    try:
        nvml.nvmlInit()
        reader = Nvml(nvml, wanted)
    except nvml.NVMLError as error:
        return None, f"NVML says {error}"
    if all(card.used_mib is None for card in reader.read()):
        return None, "NVML tells no memory of these GPUs"
    return reader, ""


def _text(value: str | bytes) -> str:
    """Older releases of nvidia-ml-py answer in bytes."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value
