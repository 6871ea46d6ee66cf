"""One container as another program's file describes it, whatever the file; and what could not be kept of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from mmcompose.core.imports.sources.remarks import Remarks
from mmcompose.model import Origin, Path, Setting

HUB_TOKENS = ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HUGGINGFACE_HUB_TOKEN")
"""Variables with a token of the model hub: they become a secret, whatever their value."""


class FoundMount(NamedTuple):
    """A mount: `source` is a path of the host, or the name of a volume."""

    source: str
    target: str
    read_only: bool
    origin: Origin
    named: bool = False


class FoundPort(NamedTuple):
    """A published port; `outside` is empty where Docker would choose one."""

    outside: str
    inside: str
    address: str
    origin: Origin


class FoundGpus(NamedTuple):
    """The requested GPUs: a count, -1 for all; or their indices or UUIDs."""

    origin: Origin
    number: int = 0
    ids: tuple[str, ...] = ()


@dataclass(slots=True)
class Found:
    """A container. Each text keeps its place in the source, for the report."""

    name: str
    origin: Origin
    image: Setting | None = None
    line: list[Setting] = field(default_factory=list)
    """The entrypoint and the command, one after the other."""
    entrypoint: int = 0
    """So many parts of the line are the entrypoint."""
    env: dict[str, Setting] = field(default_factory=dict)
    mounts: list[FoundMount] = field(default_factory=list)
    ports: list[FoundPort] = field(default_factory=list)
    gpus: FoundGpus | None = None
    values: dict[Path, Setting] = field(default_factory=dict)
    """Values that have the same meaning in a profile, by their path there."""
    secrets: dict[str, Setting] = field(default_factory=dict)
    """The files of secrets, by name."""
    labels: Mapping[str, str] = field(default_factory=dict)
    benches: dict[str, list[Setting]] = field(default_factory=dict)
    """The arguments of the benchmarks beside it, by their kind, in files of ours."""
    bare: bool = False
    """Whether it is a command without a container: then nothing limits it to some GPUs."""
    remarks: Remarks = field(default_factory=Remarks)

    def put(self, path: str, value: Any, origin: Origin) -> None:
        self.values[tuple(path.split("."))] = Setting(value, origin)


class Findings(NamedTuple):
    """The containers of a source, and what is wrong with it or was left out."""

    found: list[Found]
    remarks: Remarks
