"""Small requests beside the load: health, models, metrics. Each is read whole, and repeated where that is safe."""

from __future__ import annotations

import asyncio

from .answer import Answer
from .connection import Connection, Pool

CONTROL_LIMIT = 8 * 1024 * 1024


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

    body_limit = CONTROL_LIMIT

    __slots__ = ()

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection, keep_text=False)
        self._plain = []

    def _complete(self, now: int) -> None:
        self._settle(now)

    def body(self) -> bytes:
        return b"".join(self._plain or [])
