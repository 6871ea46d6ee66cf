"""The bytes of one file into its part: goes on after every break, in this run or a later one."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from typing import Any

from mmfetch.failures import WRONG, Failure, Stopped
from mmfetch.hub.patience import Patience
from mmfetch.hub.web import ERRORS, Web
from mmfetch.store.part import Part

PIECE, GATHERED = 1 << 16, 1 << 18
SEGMENT = 16 << 30
"""Bytes that are asked for at once: some servers of the hub's files answer no request for more than 50 GB."""
_SPAN = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")


class Interrupted(OSError):  # noqa: N818
    """The answer ended before its last byte."""


def receive(
    web: Web,
    url: str,
    part: Part,
    size: int,
    patience: Patience,
    *,
    advance: Callable[[int], None],
    stop: threading.Event,
) -> None:
    """Fills the part up to its size."""
    while part.size < size:
        before = part.size
        try:
            end = min(size, part.size + SEGMENT)
            whole = part.size == 0 and end == size
            with web.open(url, span="" if whole else f"bytes={part.size}-{end - 1}") as answer:
                if _begins_anew(answer, part, size):
                    advance(-part.size)
                    part.restart()
                    before, end = 0, size
                _copy(answer, part, end, advance, stop)
        except ERRORS as error:
            if getattr(error, "code", 0) == 416:
                advance(-part.size)
                part.restart()
            if part.size > before:
                patience.progress()
            patience.after(error)


def _begins_anew(answer: Any, part: Part, size: int) -> bool:
    """Whether the server sends the file from its beginning, though a later part was asked for."""
    if answer.status == 206:
        found = _SPAN.fullmatch(answer.headers.get("Content-Range", ""))
        if not found or int(found[1]) != part.size or found[3] not in {"*", str(size)}:
            raise Failure(
                WRONG, f"the server sends another part than it was asked for: {answer.headers.get('Content-Range')}"
            )
        return False
    length = answer.headers.get("Content-Length")
    if length is not None and length.isdigit() and int(length) != size:
        raise Failure(
            WRONG,
            f"the server sends {length} bytes, the hub names {size}",
            "something on the way may answer in the hub's place: check HF_ENDPOINT and HTTPS_PROXY",
        )
    return part.size > 0


def _copy(answer: Any, part: Part, end: int, advance: Callable[[int], None], stop: threading.Event) -> None:
    """Writes in larger pieces than encrypted connections deliver; what has come is written however this ends."""
    pieces: list[bytes] = []
    count = 0
    try:
        while part.size + count < end:
            if stop.is_set():
                raise Stopped
            # Only what is there already: waiting for more would lose it when the connection breaks.
            data = answer.read1(min(PIECE, end - part.size - count))
            if not data:
                raise Interrupted(f"{end - part.size - count} bytes are missing")
            pieces.append(data)
            count += len(data)
            if count >= GATHERED:
                done, pieces, count = pieces, [], 0
                _write(part, done, advance)
    finally:
        _write(part, pieces, advance)


def _write(part: Part, pieces: list[bytes], advance: Callable[[int], None]) -> None:
    if data := b"".join(pieces):
        part.write(memoryview(data))
        advance(len(data))
