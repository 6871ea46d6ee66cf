"""A double of nvidia-ml-py, for machines without a GPU."""
# ruff: noqa: N802, N815 - the names are the library's own

from __future__ import annotations

import types
from typing import Any

MIB = 1 << 20
UUIDS = ("GPU-aaaa", "GPU-bbbb")


class NvmlDouble(types.ModuleType):
    """Stands in for nvidia-ml-py on a machine with two cards. `broken` names the calls that are refused."""

    class NVMLError(Exception):
        pass

    nvmlMemory_v2 = 2

    def __init__(self, *broken: str, hidden: bool = False) -> None:
        super().__init__("pynvml")
        self.broken, self.hidden = set(broken), hidden

    def __getattribute__(self, name: str) -> Any:
        if name.startswith("nvml") and name in object.__getattribute__(self, "broken"):
            return self._refuse
        return object.__getattribute__(self, name)

    def _refuse(self, *_: Any) -> Any:
        raise self.NVMLError("Not Supported")

    def nvmlInit(self) -> None: ...

    def nvmlDeviceGetHandleByIndex(self, index: int) -> int:
        if index not in (0, 1):
            raise self.NVMLError("Invalid Argument")
        return index

    def nvmlDeviceGetHandleByUUID(self, uuid: str) -> int:
        if uuid not in UUIDS:
            raise self.NVMLError("Not Found")
        return UUIDS.index(uuid)

    def nvmlDeviceGetIndex(self, handle: int) -> int:
        return handle

    def nvmlDeviceGetUUID(self, handle: int) -> bytes:
        return UUIDS[handle].encode()

    def nvmlDeviceGetName(self, handle: int) -> str:
        return f"Double {handle}"

    def nvmlDeviceGetMemoryInfo(self, handle: int, version: int | None = None) -> Any:
        if version and "v2" in self.broken:
            raise self.NVMLError("Function Not Found")
        reserved = 0 if version else 300
        return types.SimpleNamespace(used=(1000 * (handle + 1) + reserved) * MIB, total=12288 * MIB)

    def nvmlDeviceGetComputeRunningProcesses(self, handle: int) -> list[Any]:
        return [types.SimpleNamespace(pid=100 + handle, usedGpuMemory=None if self.hidden else 900 * MIB)]

    def nvmlDeviceGetGraphicsRunningProcesses(self, handle: int) -> list[Any]:
        return [types.SimpleNamespace(pid=7, usedGpuMemory=50 * MIB)] if handle == 0 else []
