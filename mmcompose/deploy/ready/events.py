"""The events of a start as values: people see lines or a bar, machines see JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from mmcompose.deploy.ready.clients import Client

Kind = Literal["plan", "phase", "reached", "tick", "line", "note", "ready"]


@dataclass(frozen=True, slots=True)
class Event:
    """One event. `seconds` is the length of the phase; for a tick its length so far; for `ready` the length of all
    phases."""

    kind: Kind
    profile: str
    service: str = ""
    phase: str = ""
    seconds: float | None = None
    text: str = ""
    lines: tuple[str, ...] = ()
    clients: tuple[Client, ...] = ()
    """For `ready`: the access to each of its engines that chat."""

    def data(self) -> dict[str, Any]:
        return {"event": self.kind} | {
            name: value for name, value in asdict(self).items() if name != "kind" and value not in ("", None, ())
        }
