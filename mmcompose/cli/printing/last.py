"""Writes the last event of a run with events: exactly one, whatever ends the run and however early.

This file is imported before Click, and imports next to nothing itself.
"""

from __future__ import annotations

import contextlib
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mmcompose.model.commands import starts

_codes: list[int] = []


def wants_events(arguments: Sequence[str]) -> bool:
    """Whether the command line requests events, even if it cannot be parsed or has not been parsed yet."""
    pairs = list(zip(["", *arguments], [*arguments, ""], strict=True))
    json = ("--format", "json") in pairs or "--format=json" in arguments
    command = next(
        (
            argument
            for before, argument in pairs
            if before not in ("-C", "--project", "--format") and argument[:1] not in ("-", "")
        ),
        "",
    )
    return json and bool(command) and starts(command)


def begin() -> None:
    """Forgets the last run: one process may run several commands, as tests do."""
    _codes.clear()


def tell(data: Mapping[str, Any]) -> None:
    """Only the first outcome counts; it sets the exit code."""
    from mmcompose.core.plain import in_json

    with _undisturbed():
        if not _codes:
            _codes.append(int(data["code"]))
            with contextlib.suppress(OSError):
                print(in_json(data), flush=True)


def interrupted(**known: Any) -> int:
    """The exit code of an interrupted command; writes the event if events are requested."""
    if wants_events(sys.argv[1:]):
        tell({"event": "interrupted", **known, "code": 130})
    return _codes[0] if _codes else 130


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """Delays interruptions: one between the event and its note would cause a second event."""
    mask = getattr(signal, "pthread_sigmask", None)
    if mask is None:
        yield
        return
    before = mask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
    try:
        yield
    finally:
        mask(signal.SIG_SETMASK, before)
