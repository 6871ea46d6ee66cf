"""The last event of a run that tells events: each run has exactly one, whatever ends it and however early.

This file is there before Click is loaded, and loads next to nothing itself.
"""

from __future__ import annotations

import contextlib
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

COMMANDS = ("up", "switch", "test", "ocr", "sam3")
"""They tell events with `--format json`."""

_codes: list[int] = []


def wants_events(arguments: Sequence[str]) -> bool:
    """Did somebody ask for events? Also of a command line that cannot be read, or has not been yet."""
    pairs = list(zip(["", *arguments], [*arguments, ""], strict=True))
    json = ("--format", "json") in pairs or "--format=json" in arguments
    command = next(
        (argument for before, argument in pairs if before not in ("-C", "--project") and argument[:1] not in ("-", "")),
        "",
    )
    return json and command in COMMANDS


def begin() -> None:
    """In one process several commands may run, as in tests."""
    _codes.clear()


def tell(data: Mapping[str, Any]) -> None:
    """The first is the last: an outcome that was told stands, and is the exit code."""
    import json

    from mmcompose.cli.printing.plain import in_json

    with _undisturbed():
        if not _codes:
            _codes.append(int(data["code"]))
            with contextlib.suppress(OSError):
                sys.stdout.write(f"{in_json(json.dumps(data))}\n")
                sys.stdout.flush()


def interrupted(**known: Any) -> int:
    """The exit code of a command that was ended from outside; it is told where events are asked for."""
    if wants_events(sys.argv[1:]):
        tell({"event": "interrupted", **known, "code": 130})
    return _codes[0] if _codes else 130


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """Or an interruption between the event and its note of it would make two of them."""
    mask = getattr(signal, "pthread_sigmask", None)
    if mask is None:
        yield
        return
    before = mask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
    try:
        yield
    finally:
        mask(signal.SIG_SETMASK, before)
