"""Reads the GPU memory of this machine: by NVML, else by nvidia-smi, else not at all, with the reason."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from typing import Protocol

from mmcompose.deploy.docker.command import ask
from mmcompose.deploy.machine import nvml
from mmcompose.deploy.machine.card_memory import CARD_COLUMNS, PROCESS_COLUMNS, CardMemory, chosen, of_smi

_PATIENCE = 10.0


class Reader(Protocol):
    """Reads GPU memory. `source` names its origin, None if it cannot read; `why` then gives the reason."""

    @property
    def source(self) -> str | None: ...
    @property
    def why(self) -> str: ...
    def read(self) -> list[CardMemory]: ...


class Unread:
    """A reader without any source."""

    source = None

    def __init__(self, why: str) -> None:
        self.why = why

    def read(self) -> list[CardMemory]:
        return []


class Smi:
    """Reads through `nvidia-smi`, which takes longer and reports less often."""

    source = "nvidia-smi"
    why = ""

    def __init__(self, program: str, wanted: Sequence[str]) -> None:
        self._program, self._wanted = program, tuple(wanted)

    def read(self) -> list[CardMemory]:
        return chosen(self.all(), self._wanted)[0]

    def all(self) -> list[CardMemory]:
        cards = self._queried("--query-gpu=" + ",".join(CARD_COLUMNS))
        return of_smi(cards, self._queried("--query-compute-apps=" + ",".join(PROCESS_COLUMNS))) if cards else []

    def _queried(self, query: str) -> str | None:
        reply = ask(self._program, query, "--format=csv,noheader,nounits", patience=_PATIENCE)
        return reply.out if reply.fine else None


def open_reader(wanted: Sequence[str]) -> Reader:
    """A reader for these GPUs, by index or UUID. It must have read once before it is returned."""
    if not wanted:
        return Unread("no GPU is claimed by what is measured")
    if os.environ.get("DOCKER_HOST", "").partition("://")[0] in ("tcp", "ssh"):
        return Unread("the Docker Engine runs on another machine, whose GPUs cannot be read from here")
    by_nvml, why_not = nvml.reader(wanted)
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
