from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from benchmarks.mmbench.connection import Pool
from benchmarks.mmbench.control import fetch
from benchmarks.mmbench.loop import run
from benchmarks.mmbench.request import Plan, perform
from benchmarks.mmbench.target import Target

from .serving import others_ended

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
Reply = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def against(reply: Reply, act: Callable[[Pool], Awaitable[Any]]) -> Any:
    """Runs `act` with a pool to a server that answers every connection with `reply`."""

    async def whole() -> Any:
        server = await asyncio.start_server(reply, "127.0.0.1", 0)
        pool = Pool(Target.parse(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"))
        try:
            return await act(pool)
        finally:
            pool.close()
            await others_ended()
            server.close()
            await server.wait_closed()

    return run(whole())


async def once_and_goodbye(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answers as if the connection stayed, and closes it."""
    await reader.readuntil(b"\r\n\r\n")
    writer.write(ANSWER)
    await writer.drain()
    writer.close()


async def forever(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(ANSWER)
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


def test_a_connection_closed_while_kept_is_never_an_error() -> None:
    async def act(pool: Pool) -> list[tuple[int, bytes]]:
        answers = []
        for pause in (0.0, 0.0, 0.001, 0.01, 0.0):
            answers.append(await fetch(pool, "/"))
            await asyncio.sleep(pause)
        return answers

    assert against(once_and_goodbye, act) == [(200, b"ok")] * 5


def test_a_kept_connection_is_used_again() -> None:
    async def act(pool: Pool) -> int:
        for _ in range(5):
            await fetch(pool, "/")
        return pool.opened

    assert against(forever, act) == 1


def test_warm_connections_are_opened_once() -> None:
    async def act(pool: Pool) -> tuple[int, int]:
        await pool.warm(3)
        await pool.warm(3)
        return pool.opened, len(pool.idle)

    assert against(forever, act) == (3, 3)


def test_an_answer_that_nobody_requested_ends_the_connection() -> None:
    async def talkative(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(ANSWER)
        await asyncio.sleep(0.02)
        writer.write(ANSWER)
        await reader.read()
        writer.close()

    async def act(pool: Pool) -> bool:
        await fetch(pool, "/")
        for _ in range(1000):
            if not pool.idle[0].usable:
                return False
            await asyncio.sleep(0.01)
        return True

    assert against(talkative, act) is False


def test_json_in_place_of_a_stream_is_an_answer_without_a_first_token() -> None:
    body = b'{"choices": [{"message": {"content": "hi"}, "finish_reason": "stop"}], "usage": {"completion_tokens": 1}}'

    async def whole(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
        writer.write(head + body)
        await writer.drain()
        writer.close()

    async def act(pool: Pool) -> Any:
        request = pool.target.head("POST", "/") + b"0\r\n\r\n"
        return await perform(pool, Plan(7, [request], 0), 5.0, keep_text=True)

    sample = against(whole, act)
    assert sample.ok, sample.detail
    assert (sample.text, sample.generated_tokens, sample.ttft_ms, sample.streamed) == ("hi", 1, None, False)


def test_an_endless_error_page_is_not_kept_whole() -> None:
    async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 500 Oops\r\n\r\n" + b"x" * 5000)
        await writer.drain()
        writer.close()

    async def act(pool: Pool) -> Any:
        return await perform(pool, Plan(7, [pool.target.head("POST", "/") + b"0\r\n\r\n"], 0), 5.0)

    sample = against(endless, act)
    assert sample.error == "http_500"
    assert len(sample.detail) == 2000
