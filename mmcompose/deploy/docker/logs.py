"""Reads the logs of containers, one after the other or as they come, with the container's name before each line.

Docker keeps all runs of a container in one log: a line marks the border between two.
"""

from __future__ import annotations

import datetime as dt
import queue
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

from mmcompose.deploy.docker.engine import DockerEngine, EngineError
from mmcompose.deploy.docker.observe import Running
from mmcompose.deploy.moments import local, nanoseconds

_STAMP = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{9}(?:Z|[+-][0-9]{2}:[0-9]{2}) ")
_PIECE = 16 << 10
"""Docker keeps a longer line in pieces, and stamps each of them."""


@dataclass(frozen=True, slots=True)
class Options:
    """`tail` counts for each container; `stamped` lines begin with their moment."""

    tail: int | None = None
    since: str = ""
    stamped: bool = False


def names(containers: Sequence[Running], *, several: bool) -> dict[str, str]:
    """The text before the lines of each container: its service, and with `several` profiles the profile too."""
    found = {}
    for one in containers:
        found[one.id] = one.service
        if several:
            found[one.id] = one.profile if one.service == one.profile else f"{one.profile}/{one.service}"
    wide = max(map(len, found.values()), default=0)
    return {key: name.ljust(wide) for key, name in found.items()}


def lines(
    engine: DockerEngine, named: Mapping[str, str], containers: Sequence[Running], options: Options
) -> Iterator[str]:
    for one in containers:
        yield from _of_one(engine, one, named[one.id], options, follow=False)


def follow(
    engine: DockerEngine,
    named: Mapping[str, str],
    containers: Sequence[Running],
    options: Options,
    *,
    to_first_end: bool = False,
) -> Iterator[str]:
    """Yields lines as they come, until the last container stops, or the first."""
    printed: queue.Queue[str | EngineError | None] = queue.Queue()

    def copy(one: Running) -> None:
        try:
            for line in _of_one(engine, one, named[one.id], options, follow=True):
                printed.put(line)
            printed.put(None)
        except EngineError as error:
            printed.put(error)

    for one in containers:
        threading.Thread(target=copy, args=(one,), daemon=True).start()
    left = min(len(containers), 1) if to_first_end else len(containers)
    while left:
        line = printed.get()
        if isinstance(line, EngineError):
            raise line
        if line is None:
            left -= 1
        else:
            yield line


def _of_one(engine: DockerEngine, one: Running, name: str, options: Options, *, follow: bool) -> Iterator[str]:
    between, before = gaps(engine, one), False
    stamped = options.stamped or bool(between)
    for line in engine.logs(one.id, tail=options.tail, since=options.since, follow=follow, stamped=stamped):
        stamp, text = _apart(line) if stamped else ("", line)
        moment, gap = nanoseconds(stamp) or 0, ""
        while between and moment > between[0].at:
            gap = between.pop(0).text
        if gap and before:
            yield f"{name} | --- {gap} ---"
        before = True
        shown = f"{_shown(stamp)} " if options.stamped and stamp else ""
        for part in _parts(text):
            yield f"{name} | {shown}{part}"


def _apart(line: str) -> tuple[str, str]:
    found = _STAMP.match(line)
    if not found:
        return "", line
    text = line[found.end() :]
    return found[0].rstrip(), _STAMP.sub("", text) if len(text) > _PIECE else text


def _shown(stamp: str) -> str:
    return f"{local(stamp)}.{stamp.partition('.')[2][:3]}"


def _parts(line: str) -> Iterator[str]:
    """Splits a progress bar that a program draws again and again into several lines, so that none hides another."""
    for part in line.split("\r"):
        if part or "\r" not in line:
            yield part


_SPAN = re.compile(r"([0-9]+(\.[0-9]*)?(ns|us|µs|ms|s|m|h))+")
_SECONDS = re.compile(r"[0-9]{1,12}(\.[0-9]{1,9})?")
_MOMENT = re.compile(r"[0-9-]{10}(T[0-9]{2}(:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?)?)?(Z|[+-][0-9]{2}:[0-9]{2})?")


def is_moment(text: str) -> bool:
    """Whether Docker accepts the text as a moment: a span before now, a moment, or seconds since 1970."""
    if _SPAN.fullmatch(text) or _SECONDS.fullmatch(text):
        return True
    if not _MOMENT.fullmatch(text):
        return False
    try:
        dt.date.fromisoformat(text[:10])
    except ValueError:
        return False
    return True


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
