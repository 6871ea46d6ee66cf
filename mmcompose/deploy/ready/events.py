"""What happens during a start, as values: people see lines or a bar, machines see JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from mmcompose.deploy.ready.clients import Client

Kind = Literal["plan", "phase", "reached", "tick", "line", "note", "ready"]


@dataclass(frozen=True, slots=True)
class Event:
    """`seconds` is how long the phase took, for a tick so far, or how long all took where it is ready."""

    kind: Kind
    profile: str
    service: str = ""
    phase: str = ""
    seconds: float | None = None
    text: str = ""
    lines: tuple[str, ...] = ()
    clients: tuple[Client, ...] = ()
    """Where it is ready: how clients reach each of its engines that chat."""

    def data(self) -> dict[str, Any]:
        return {"event": self.kind} | {
            name: value for name, value in asdict(self).items() if name != "kind" and value not in ("", None, ())
        }
