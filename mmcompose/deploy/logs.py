"""The logs of a profile's containers, one after the other or as they come; each line bears the name of its service."""

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
        for line in engine.logs(one.id, tail=tail):
            yield from _told(one, line)


def follow(engine: Engine, containers: Sequence[Running], tail: int | None) -> Iterator[str]:
    """Until the last of them stops."""
    said: queue.Queue[str | EngineError | None] = queue.Queue()
    for one in containers:
        threading.Thread(target=_copy, args=(engine, one, tail, said), daemon=True).start()
    left = len(containers)
    while left:
        line = said.get()
        if isinstance(line, EngineError):
            raise line
        if line is None:
            left -= 1
        else:
            yield line


def _copy(engine: Engine, one: Running, tail: int | None, said: queue.Queue[str | EngineError | None]) -> None:
    try:
        for line in engine.logs(one.id, tail=tail, follow=True):
            for told in _told(one, line):
                said.put(told)
        said.put(None)
    except EngineError as error:
        said.put(error)


def _told(one: Running, line: str) -> Iterator[str]:
    """A bar that a program writes over and over is as many lines, so that nothing is hidden under its last one."""
    for part in line.split("\r"):
        if part or "\r" not in line:
            yield f"{one.service} | {part}"
