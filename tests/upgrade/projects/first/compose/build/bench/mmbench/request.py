"""One request becomes one Sample, whatever happens to it: every failure has a class and is counted."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
from dataclasses import dataclass
from time import monotonic_ns

from .connection import Connection, Pool
from .http1 import BadResponseError, ResponseReader
from .sample import MEASURED, Sample
from .sse import EventTooLongError, Splitter
from .tokens import Account
from .words import harmless

ERROR_BODY_LIMIT = 2000
PLAIN_BODY_LIMIT = 64 * 1024 * 1024
CONNECTION_ERRORS = ("connect_refused", "connect_failed", "name_not_found", "tls_failed", "connect_timeout")


@dataclass(slots=True)
class Plan:
    """A request ready to be sent: the buffers hold head and body, serialised before any clock starts."""

    index: int
    buffers: list[bytes]
    body_bytes: int
    phase: str = MEASURED
    label: str = ""
    intended_ns: int = 0


class Answer:
    """Receives the bytes of one response and keeps the accounts."""

    __slots__ = (
        "_connection",
        "_future",
        "_kept",
        "_plain",
        "_splitter",
        "account",
        "failure",
        "first_byte_ns",
        "reader",
    )

    def __init__(self, connection: Connection, keep_text: bool) -> None:
        self._connection = connection
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
                    self._kept += len(payload)
                    if self._kept > PLAIN_BODY_LIMIT:
                        self.fail("bad_http", f"the body is longer than {PLAIN_BODY_LIMIT} bytes", now)
        except (BadResponseError, EventTooLongError) as error:
            self.fail("bad_http", str(error), now)
            return
        if reader.done:
            self._complete(now)

    def _complete(self, now: int) -> None:
        if self._plain is None:
            for event in self._splitter.finish():
                self.account.add(event, now)
        elif self.reader.status == 200:
            self.account.add(b"".join(self._plain), now)
        self._settle(now)

    @property
    def streamed(self) -> bool:
        return self._plain is None

    def error_body(self) -> str:
        """The server's own words, out of the usual JSON where it is that."""
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


def is_stream(reader: ResponseReader, payload: bytes) -> bool:
    """By its content type; servers that forget the type are known by their first bytes."""
    return reader.headers.get("content-type", "").startswith("text/event-stream") or payload.startswith(b"data:")


async def perform(pool: Pool, plan: Plan, timeout_s: float, keep_text: bool = False) -> Sample:
    """Send once, read to the end. A kept connection that the server had already closed is replaced once."""
    sample = Sample(plan.index, plan.phase, plan.label, plan.intended_ns or monotonic_ns(), body_bytes=plan.body_bytes)
    try:
        answer = await _send(pool, plan, sample, timeout_s, keep_text, fresh=False)
        if answer is None:
            sample.reconnected = True
            answer = await _send(pool, plan, sample, timeout_s, keep_text, fresh=True)
    except asyncio.CancelledError:
        sample.error, sample.end_ns = "cancelled", monotonic_ns()
        return sample
    except (OSError, ssl.SSLError, TimeoutError) as error:
        sample.error, sample.detail = connection_failure(error)
        sample.end_ns = monotonic_ns()
        return sample
    if answer is not None:
        _settle(sample, answer)
    return sample


async def _send(
    pool: Pool, plan: Plan, sample: Sample, timeout_s: float, keep_text: bool, *, fresh: bool
) -> Answer | None:
    """None: the connection was stale, nothing had been answered on it, and a fresh one may be tried."""
    loop = asyncio.get_running_loop()
    if pool.idle and not fresh:
        connection, used = await pool.take()
    else:
        connection, used = await asyncio.wait_for(pool.take(fresh), timeout_s)
    answer = Answer(connection, keep_text)
    timer = loop.call_later(timeout_s, answer.time_out, timeout_s)
    if not plan.intended_ns and not sample.reconnected:
        sample.intended_ns = monotonic_ns()
    sample.sent_ns = monotonic_ns()
    try:
        connection.send(plan.buffers, answer)
        sample.end_ns = await answer.wait()
    except asyncio.CancelledError:
        connection.exchange = None
        connection.abort()
        raise
    finally:
        timer.cancel()
    pool.give_back(connection, answer.failure is None and answer.reader.reusable and answer.reader.done)
    stale = used and not fresh and answer.failure is not None and answer.failure[0] == "no_answer"
    return None if stale else answer


def _settle(sample: Sample, answer: Answer) -> None:
    account = answer.account
    stamps = account.stamps
    sample.status = answer.reader.status
    sample.stamps = stamps
    sample.streamed = answer.streamed
    if stamps and answer.streamed:
        sample.first_ns, sample.last_ns = stamps[0], stamps[-1]
        sample.first_output_ns = account.first_output_ns
    sample.generated_tokens, sample.token_source = account.generated()
    sample.prompt_tokens = account.prompt_tokens()
    sample.reasoning_tokens = account.detail("completion_tokens_details", "reasoning_tokens")
    if sample.reasoning_tokens is None and account.reasoning_events:
        sample.reasoning_tokens = account.reasoning_events
    sample.cached_tokens = account.detail("prompt_tokens_details", "cached_tokens")
    sample.finish_reason = account.finish_reason
    sample.timings = account.timings
    if account.keep_text:
        sample.text = "".join(account.text)
    problem = failure_of(answer)
    if problem:
        name, detail = problem
        sample.error, sample.detail = name, harmless(detail)


def failure_of(answer: Answer) -> tuple[str, str] | None:
    """The first thing that was wrong with an answer, most telling first."""
    account, status = answer.account, answer.reader.status
    if status and status != 200:
        where = answer.reader.headers.get("location")
        return f"http_{status}", answer.error_body() or (f"redirected to {where}" if where else "no body")
    if account.error is not None:
        return "error_event", account.error
    if answer.failure:
        return answer.failure
    if account.bad_event is not None:
        return "garbage", f"an event that is not the JSON of an answer: {account.bad_event}"
    if not account.ended:
        return "cut_stream", "the stream ended without a finish reason or [DONE]"
    if not account.stamps and not account.generated()[0]:
        return "empty", "the answer holds no text"
    return None


def connection_failure(error: Exception) -> tuple[str, str]:
    if isinstance(error, TimeoutError):
        return "connect_timeout", "no connection in time"
    if isinstance(error, socket.gaierror):
        return "name_not_found", str(error)
    if isinstance(error, ssl.SSLError):
        return "tls_failed", str(error)
    if isinstance(error, ConnectionRefusedError):
        return "connect_refused", str(error)
    return "connect_failed", str(error) or type(error).__name__


async def fetch(pool: Pool, path: str, timeout_s: float = 10.0, body: bytes | None = None) -> tuple[int, bytes]:
    """A small control request (health, models, metrics): status and body. Raises OSError when there is no answer."""
    method = "GET" if body is None else "POST"
    buffers = [pool.target.head(method, path) + b"%d\r\n\r\n" % len(body or b"") + (body or b"")]
    for fresh in (False, True):
        connection, used = await asyncio.wait_for(pool.take(fresh), timeout_s)
        answer = PlainAnswer(connection)
        timer = asyncio.get_running_loop().call_later(timeout_s, answer.time_out, timeout_s)
        connection.send(buffers, answer)
        await answer.wait()
        timer.cancel()
        pool.give_back(connection, answer.failure is None and answer.reader.reusable)
        if answer.failure is None:
            return answer.reader.status, answer.body()
        if not (used and answer.failure[0] == "no_answer"):
            raise ConnectionError(answer.failure[1])
    raise ConnectionError("the server closed every connection before answering")


class PlainAnswer(Answer):
    """A response that is read whole, whatever its content type."""

    __slots__ = ()

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection, keep_text=False)
        self._plain = []

    def _complete(self, now: int) -> None:
        self._settle(now)

    def body(self) -> bytes:
        return b"".join(self._plain or [])
