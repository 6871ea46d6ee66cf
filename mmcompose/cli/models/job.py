"""Shows how a job on the store gets on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from mmcompose.cli.printing import streams
from mmcompose.cli.printing.output import note, say_event
from mmcompose.cli.printing.progress import RedrawnLine
from mmcompose.core.sizes import spoken


class ModelJob(RedrawnLine):
    """Shows the events of one job: a bar on a terminal, plain lines elsewhere, or JSON."""

    def __init__(self, name: str, style: str) -> None:
        super().__init__(style == "text" and streams.moving(err=True))
        self._name, self._style, self._next = name, style, 0

    def show(self, event: Mapping[str, Any]) -> None:
        if self._style == "json":
            say_event({**event, "model": self._name})
        elif event.get("event") == "progress" and self._live:
            self._over(f"{self._name}: {_progress(event)}")
        elif event.get("event") == "progress":
            if event["bytes"] >= self._next:
                self._next = event["bytes"] + event["total"] // 20
                note(f"{self._name}: {_progress(event)}")
        elif text := str(event.get("text") or ""):
            self.end()
            note(f"{self._name}: {text}")


def shown(events: Iterable[Mapping[str, Any]], style: str, name: str) -> dict[str, Any]:
    """Shows the events of one job, and returns the last one."""
    job, last = ModelJob(name, style), dict[str, Any]()
    for event in events:
        job.show(event)
        last = dict(event)
    job.end()
    return last


def _progress(event: Mapping[str, Any]) -> str:
    left = f", {event['eta']} s left" if event.get("eta") is not None else ""
    return f"{spoken(event['bytes'])} of {spoken(event['total'])}, {spoken(event['rate'])}/s{left}"
