"""Reads one answer as it comes: its bytes are timed, parsed, and dropped as soon as their event is complete."""

from __future__ import annotations

import asyncio
import json
from time import monotonic_ns

from .connection import Connection
from .http1 import BadResponseError, ResponseReader
from .limits import Room, TooLongError
from .sse import Splitter
from .tokens import Account

ERROR_BODY_LIMIT = 2000
PLAIN_BODY_LIMIT = 16 * 1024 * 1024  # read as JSON, it takes some twenty times as much memory


class Answer:
    """Receives the bytes of one response, and counts."""

    body_limit = PLAIN_BODY_LIMIT

    __slots__ = (
        "_connection",
        "_future",
        "_held",
        "_kept",
        "_plain",
        "_room",
        "_splitter",
        "account",
        "failure",
        "first_byte_ns",
        "reader",
    )

    def __init__(self, connection: Connection, keep_text: bool, room: Room | None = None) -> None:
        self._connection = connection
        self._room = room or Room()
        self._held = 0
        self._future: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._splitter = Splitter()
        self._plain: list[bytes] | None = None
        self._kept = 0
        self.account = Account(keep_text)
        self.reader = ResponseReader()
        self.failure: tuple[str, str] | None = None
        self.first_byte_ns = 0

    async def wait(self) -> int:
        """The instant at which the response ended, well or badly."""
        return await self._future

    def received(self, data: bytes, now: int) -> None:
        reader = self.reader
        if not self.first_byte_ns:
            self.first_byte_ns = now
        try:
            payload = reader.feed(data)
            if payload:
                if self._plain is None:
                    if not self.account.events and not is_stream(reader, payload):
                        self._plain = [payload]
                    else:
                        for event in self._splitter.feed(payload):
                            self.account.add(event, now)
                else:
                    self._plain.append(payload)
                self._hold(payload)
        except (BadResponseError, TooLongError) as error:
            self.fail("bad_http", str(error), now)
            return
        if reader.done:
            self._complete(now)

    def _hold(self, payload: bytes) -> None:
        """Count the bytes of unfinished events, here and over all answers in flight."""
        if self._plain is not None:
            self._kept += len(payload)
            if self._kept > self.body_limit:
                raise TooLongError(f"the body is longer than {self.body_limit} bytes")
        held = self._kept or self._splitter.held
        if held != self._held:
            by, self._held = held - self._held, held
            self._room.change(by)

    def _complete(self, now: int) -> None:
        try:
            if self._plain is None:
                for event in self._splitter.finish():
                    self.account.add(event, now)
            elif self.reader.status == 200:
                self.account.add(b"".join(self._plain), now)
        except TooLongError as error:
            self.fail("bad_http", str(error), now)
        self._settle(now)

    @property
    def streamed(self) -> bool:
        return self._plain is None

    def error_body(self) -> str:
        """The server's own message, taken from the usual JSON of an error if there is one."""
        text = b"".join(self._plain or [])[:ERROR_BODY_LIMIT].decode("utf-8", "replace").strip()
        try:
            problem = json.loads(text)["error"]
            return str(problem["message"] if isinstance(problem, dict) else problem)
        except (ValueError, LookupError, TypeError, RecursionError):
            return text

    def lost(self, error: Exception | None, now: int) -> None:
        if self.reader.closed():
            self._complete(now)
        elif not self.first_byte_ns:
            self.fail(
                "no_answer", f"the server closed the connection before answering ({error or 'end of stream'})", now
            )
        else:
            self.fail("cut_stream", f"the connection closed in mid-answer ({error or 'end of stream'})", now)

    def time_out(self, seconds: float) -> None:
        what = "in mid-answer" if self.first_byte_ns else "before the first byte"
        self.fail("timeout", f"no end after {seconds:g} s ({what})", monotonic_ns())

    def fail(self, name: str, detail: str, now: int) -> None:
        if not self._future.done():
            self.failure = (name, detail)
            self._connection.abort()
            self._settle(now)

    def _settle(self, now: int) -> None:
        if not self._future.done():
            self._future.set_result(now)

    def release(self) -> None:
        """Give back what was counted for it."""
        self._room.change(-self._held)
        self._held = 0


def is_stream(reader: ResponseReader, payload: bytes) -> bool:
    """Whether an answer is a stream: by its content type, or without one by its first bytes."""
    return reader.headers.get("content-type", "").startswith("text/event-stream") or payload.startswith(b"data:")
