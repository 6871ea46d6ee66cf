"""The smallest honest load client on a common HTTP library, as a control: what does the library itself cost?

python -m benchmarks.client.mini_client aiohttp --url http://127.0.0.1:18080 -c 128 -n 768 [--image FILE]
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from time import perf_counter
from typing import Any

from .truth_log import spread

PROMPT_LENGTH = 32


class Stream:
    """Stamps and lines of one answer."""

    def __init__(self) -> None:
        self.start = perf_counter()
        self.stamps: list[float] = []
        self._rest = b""

    def feed(self, data: bytes) -> None:
        now = perf_counter()
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            payload = line[5:].strip()
            if line.startswith(b"data:") and payload != b"[DONE]":
                choices = json.loads(payload)["choices"]
                if choices and choices[0]["delta"].get("content"):
                    self.stamps.append(now)


def body(tokens: int, image: bytes | None) -> bytes:
    content: Any = "word " * PROMPT_LENGTH
    if image is not None:
        url = "data:image/jpeg;base64," + base64.b64encode(image).decode()
        content = [{"type": "image_url", "image_url": {"url": url}}, {"type": "text", "text": content}]
    options = {"stream": True, "stream_options": {"include_usage": True}, "temperature": 0, "max_tokens": tokens}
    return json.dumps({"model": "truth", "messages": [{"role": "user", "content": content}]} | options).encode()


async def closed(count: int, concurrency: int, send: Callable[[Stream], Awaitable[None]]) -> list[Stream]:
    done: list[Stream] = []
    numbers = iter(range(count))

    async def slot() -> None:
        for _ in numbers:
            stream = Stream()
            await send(stream)
            done.append(stream)

    await asyncio.gather(*(slot() for _ in range(concurrency)))
    return done


async def with_aiohttp(url: str, data: bytes, count: int, concurrency: int) -> list[Stream]:
    import aiohttp

    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector, read_bufsize=2**18) as session:

        async def send(stream: Stream) -> None:
            stream.start = perf_counter()
            headers = {"Content-Type": "application/json"}
            async with session.post(url, data=data, headers=headers) as answer:
                answer.raise_for_status()
                async for piece in answer.content.iter_any():
                    stream.feed(piece)

        return await closed(count, concurrency, send)


async def with_httpx(url: str, data: bytes, count: int, concurrency: int) -> list[Stream]:
    import httpx

    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    async with httpx.AsyncClient(timeout=120, limits=limits) as client:

        async def send(stream: Stream) -> None:
            stream.start = perf_counter()
            headers = {"Content-Type": "application/json"}
            async with client.stream("POST", url, content=data, headers=headers) as answer:
                answer.raise_for_status()
                async for piece in answer.aiter_raw():
                    stream.feed(piece)

        return await closed(count, concurrency, send)


LIBRARIES = {"aiohttp": with_aiohttp, "httpx": with_httpx}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("library", choices=LIBRARIES)
    parser.add_argument("--url", required=True)
    parser.add_argument("-c", type=int, required=True)
    parser.add_argument("-n", type=int, required=True)
    parser.add_argument("--tokens", type=int, default=100)
    parser.add_argument("--image", type=Path)
    given = parser.parse_args()
    import uvloop

    data = body(given.tokens, given.image.read_bytes() if given.image else None)
    url = f"{given.url}/v1/chat/completions"
    streams = uvloop.run(LIBRARIES[given.library](url, data, given.n, given.c))
    measured = streams[given.c :]
    report = {
        "ttft_ms": spread([each.stamps[0] - each.start for each in measured]),
        "itl_ms": spread([b - a for each in measured for a, b in zip(each.stamps, each.stamps[1:], strict=False)]),
    }
    sys.stdout.write(json.dumps(report) + "\n")


if __name__ == "__main__":
    main()
