"""Finds the border between two runs in a container's log: Docker keeps all runs in one log."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import pairwise
from typing import Any, NamedTuple

from mmcompose.deploy.docker.engine import DockerEngine, EngineError
from mmcompose.deploy.docker.observe import Running
from mmcompose.deploy.moments import local, nanoseconds


class Gap(NamedTuple):
    """The gap between two runs. `at` lies between the last line of one and the first of the next, in nanoseconds."""

    at: int
    text: str


def gaps(engine: DockerEngine, one: Running) -> list[Gap]:
    """The known gaps: always the last one, earlier ones as long as Docker remembers them."""
    if not one.finished:
        return []
    found: list[Gap] = []
    with suppress(EngineError):
        found = list(_of_events(engine.lives(one.id, one.created)))
    ended, began = nanoseconds(one.finished) or 0, nanoseconds(one.started) or 0
    if ended < began and not any(ended < gap.at < began for gap in found):
        found.append(Gap((ended + began) // 2, f"ended at {local(one.finished)}, and began again"))
    return sorted(found)


def _of_events(events: Sequence[Mapping[str, Any]]) -> Iterator[Gap]:
    """Gaps from Docker's events. The last lines of a run may be stamped shortly after its end, so the middle to the
    next start counts."""
    for ended, began in pairwise(events):
        if (ended.get("Action"), began.get("Action")) == ("die", "start"):
            before, after = int(ended.get("timeNano") or 0), int(began.get("timeNano") or 0)
            code = ((ended.get("Actor") or {}).get("Attributes") or {}).get("exitCode", "")
            coded = f" with exit code {code}" if code else ""
            yield Gap((before + after) // 2, f"ended{coded} at {local(_text(before))}, and began again")


def _text(nanos: int) -> str:
    return dt.datetime.fromtimestamp(nanos // 1_000_000_000, dt.UTC).isoformat()
