"""Prepares standard output and error so that commands can rely on them: they exist, and never end a command
half-way."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Iterator
from typing import Any, TextIO, cast

from mmcompose.core.plain import visible


class UnreadError(OSError):
    """Reports that standard output accepts no more: its reader is gone, as `head` goes, or its disk is full.

    It has no errno, since Click treats a closed pipe as a failure of the command.
    """

    def __init__(self, cause: OSError) -> None:
        super().__init__(cause.strerror or str(cause))
        self.gone = isinstance(cause, BrokenPipeError)
        self.why = cause.strerror or str(cause)


class PlainStream:
    """A stream of plain text. It notes once that its reader is gone; a `deaf` one never does."""

    def __init__(self, inner: TextIO, *, deaf: bool) -> None:
        self._inner, self._deaf = inner, deaf
        self._begins = True

    def write(self, text: str) -> int:
        """Writes a text; characters that would steer a terminal or a CI runner are shown as escapes."""
        shown = visible(text, begins=self._begins)
        self._begins = shown.endswith("\n") or (self._begins and not shown.strip())
        self.draw(shown)
        return len(text)

    def draw(self, text: str) -> None:
        """As it is: for what this program makes itself, such as colours, and commands that are meant for a runner."""
        if text == "":
            # So Click asks whether this is for text, and takes no failure for an answer.
            return
        try:
            self._inner.write(text)
        except OSError as error:
            self._lost(error)

    def flush(self) -> None:
        try:
            self._inner.flush()
        except OSError as error:
            self._lost(error)

    def _lost(self, error: OSError) -> None:
        # What is written from now on, and what lies in the buffer until the very end, goes nowhere, silently.
        with contextlib.suppress(OSError, ValueError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self._inner.fileno())
            os.close(nowhere)
        if not self._deaf:
            raise UnreadError(error) from error

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


def prepare() -> None:
    """Prepares the streams; call it once, before any output."""
    _fill()
    for stream in (sys.stdout, sys.stderr):
        # A file may hold what the terminal cannot show; it is shown escaped. What Click calls misconfigured it would
        # write as UTF-8 by itself, past this file.
        if isinstance(stream, io.TextIOWrapper):
            ascii_only = stream.encoding.lower().replace("_", "-") in ("ascii", "us-ascii", "ansi-x3.4-1968", "646")
            stream.reconfigure(encoding="utf-8" if ascii_only else None, errors="backslashreplace")
    sys.stdout = cast("TextIO", PlainStream(sys.stdout, deaf=False))
    # What stands beside the answer never decides about it.
    sys.stderr = cast("TextIO", PlainStream(sys.stderr, deaf=True))


def draw(text: str, *, err: bool = False) -> None:
    """Writes a text without the filter: for output that this program makes itself, such as colours, and commands for
    a runner."""
    stream = sys.stderr if err else sys.stdout
    getattr(stream, "draw", stream.write)(text)
    stream.flush()


def coloured(*, err: bool = False) -> bool:
    """Whether the reader can see colours, and wants them."""
    return moving(err=err) and not os.environ.get("NO_COLOR")


def moving(*, err: bool = False) -> bool:
    """Whether the stream is a terminal on which a line can be drawn again."""
    return (sys.stderr if err else sys.stdout).isatty() and os.environ.get("TERM") != "dumb"


@contextlib.contextmanager
def unheard() -> Iterator[None]:
    """Lets a command that changes something finish, even if its reader is gone."""
    before = sys.stdout
    sys.stdout = cast("TextIO", PlainStream(before._inner if isinstance(before, PlainStream) else before, deaf=True))
    try:
        yield
    finally:
        sys.stdout = before


def _fill() -> None:
    """Opens missing streams: a program may be started with any of the three closed (`2>&-`), and the next opened
    file would take that place."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    # Python has none for what was closed, whatever its types say.
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "r" if name == "stdin" else "w", encoding="utf-8"))  # noqa: PTH123, SIM115
