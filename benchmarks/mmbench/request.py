"""Turns one request into one Sample, whatever happens to it: every failure has a class and is counted."""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic_ns

from .answer import Answer
from .connection import Pool
from .sample import MEASURED, Sample
from .texts import harmless
from .tokens import Account

DETAIL_LIMIT = 2000
CONNECTION_ERRORS = ("connect_refused", "connect_failed", "name_not_found", "tls_failed", "connect_timeout")
OUT_OF_FILES = "out_of_files"


@dataclass(slots=True)
class Plan:
    """A request ready to be sent: the buffers hold head and body, serialised before any clock starts.

    `limit` is how many tokens it allows the answer, null where it sets none.
    """

    index: int
    buffers: list[bytes]
    body_bytes: int
    phase: str = MEASURED
    label: str = ""
    intended_ns: int = 0
    limit: int | None = None


async def perform(pool: Pool, plan: Plan, timeout_s: float, keep_text: bool = False) -> Sample:
    """Sends once, reads to the end. A kept connection that was closing already is replaced once."""
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
        _settle(sample, answer, plan.limit, pool.target.without_key)
    return sample


async def _send(
    pool: Pool, plan: Plan, sample: Sample, timeout_s: float, keep_text: bool, *, fresh: bool
) -> Answer | None:
    """Sends; None if the server was closing the kept connection and has not read the request: a fresh one may be
    tried.

    A server that reads a request and drops it later has failed it, and a second try would hide that.
    """
    loop = asyncio.get_running_loop()
    if pool.idle and not fresh:
        connection, used = await pool.take()
    else:
        connection, used = await asyncio.wait_for(pool.take(fresh), timeout_s)
    answer = Answer(connection, keep_text, pool.room)
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
        answer.release()
    pool.give_back(connection, answer.failure is None and answer.reader.reusable and answer.reader.done, streamed=True)
    dropped = used and not fresh and answer.failure is not None and answer.failure[0] == "no_answer"
    if dropped and sample.end_ns - sample.sent_ns <= pool.close_ns:
        pool.was_not_kept()
        return None
    return answer


def _settle(sample: Sample, answer: Answer, limit: int | None, shown: Callable[[str], str]) -> None:
    account = answer.account
    stamps = account.stamps
    sample.status = answer.reader.status
    sample.stamps = stamps
    sample.streamed = answer.streamed
    if stamps and answer.streamed:
        sample.first_ns, sample.last_ns = stamps[0], stamps[-1]
        sample.first_output_ns = account.first_output_ns
    problem = failure_of(answer)
    if problem:
        sample.error, sample.detail = problem[0], harmless(shown(problem[1])[:DETAIL_LIMIT])
    if account.odd_figures():
        account.usage = account.timings = None
    sample.generated_tokens, sample.token_source = account.generated(limit)
    sample.token_fault = account.impossible(limit)
    sample.beyond_limit = account.beyond(limit)
    sample.prompt_tokens = account.prompt_tokens()
    sample.reasoning_tokens = account.detail("completion_tokens_details", "reasoning_tokens")
    if sample.reasoning_tokens is None and account.reasoning_events:
        sample.reasoning_tokens = account.reasoning_events
    sample.cached_tokens = account.detail("prompt_tokens_details", "cached_tokens")
    sample.finish_reason = account.finish_reason
    sample.timings = account.timings
    if account.keep_text:
        sample.text = shown("".join(account.text))


def failure_of(answer: Answer) -> tuple[str, str] | None:
    """The first fault of an answer, the most telling first."""
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
    if odd := account.odd_figures():
        return "garbage", f"usage or timings hold {odd}"
    if not account.ended:
        return "cut_stream", "the stream ended without a finish reason or [DONE]"
    if not account.stamps:
        return "empty", empty(account)
    return None


def empty(account: Account) -> str:
    counted = account.generated()[0]
    return "the answer holds no text" + (f", though the server counts {counted} tokens" if counted else "")


def connection_failure(error: Exception) -> tuple[str, str]:
    if isinstance(error, OSError) and error.errno in {errno.EMFILE, errno.ENFILE}:
        return OUT_OF_FILES, "this client may open no more files: fewer in flight, or a higher limit (`ulimit -n`)"
    if isinstance(error, TimeoutError):
        return "connect_timeout", "no connection in time"
    if isinstance(error, socket.gaierror):
        return "name_not_found", str(error)
    if isinstance(error, ssl.SSLError):
        return "tls_failed", str(error)
    if isinstance(error, ConnectionRefusedError):
        return "connect_refused", str(error)
    return "connect_failed", str(error) or type(error).__name__
