"""Stands in for PyTorch and what stands on it, which need gigabytes: sources are words that say what happens."""

from __future__ import annotations

import os
import signal
import sys
import time
from typing import TYPE_CHECKING, Any

from zoo_service.worker import work

if TYPE_CHECKING:
    from zoo_service.entries import Entry


class StandInFramework:
    def __init__(self, entry: Entry) -> None:
        self.entry = entry
        self.versions = {"standin": "1.0"}
        self.device = "cpu"
        if entry.source == "no-library":
            raise ModuleNotFoundError("No module named 'transformers'")

    def load(self) -> object:
        match self.entry.source:
            case "missing":
                raise OSError("missing is not a local folder and is not a valid model identifier" + " at all" * 30)
            case "killed":
                os.kill(os.getpid(), signal.SIGKILL)
            case "ends":
                os._exit(3)
            case "slow":
                time.sleep(30)
            case "stubborn":
                signal.signal(signal.SIGTERM, signal.SIG_IGN)
        return object()

    def memory(self) -> dict[str, float | None]:
        return {"allocated_mib": None, "reserved_mib": None, "peak_mib": None}


def main() -> None:
    framework: Any = StandInFramework
    work(sys.stdin, sys.stdout, framework)


if __name__ == "__main__":
    main()
