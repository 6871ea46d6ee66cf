"""The logs of a profile's containers, one after the other or as they come."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from mmcompose.deploy.engine import EngineError

if TYPE_CHECKING:
    from mmcompose.deploy.engine import Engine
    from mmcompose.deploy.observe import Running


def lines(engine: Engine, containers: Sequence[Running], tail: int | None) -> Iterator[str]:
    for one in containers:
        before = f"{one.service} | " if len(containers) > 1 else ""
        for line in engine.logs(one.id, tail=tail):
            yield before + line


def follow(engine: Engine, containers: Sequence[Running], tail: int | None) -> Iterator[str]:
    """Until the last of them stops."""
    said: queue.Queue[str | EngineError | None] = queue.Queue()
    for one in containers:
        before = f"{one.service} | " if len(containers) > 1 else ""
        threading.Thread(target=_copy, args=(engine, one.id, tail, before, said), daemon=True).start()
    left = len(containers)
    while left:
        line = said.get()
        if isinstance(line, EngineError):
            raise line
        if line is None:
            left -= 1
        else:
            yield line


def _copy(
    engine: Engine, container: str, tail: int | None, before: str, said: queue.Queue[str | EngineError | None]
) -> None:
    try:
        for line in engine.logs(container, tail=tail, follow=True):
            said.put(before + line)
        said.put(None)
    except EngineError as error:
        said.put(error)
