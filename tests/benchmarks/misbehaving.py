"""A server on loopback that answers control requests well, and each POST exactly as a test says."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Talk:
    """One request on one connection: `post` is its number among the POST requests of this connection, from 1."""

    line: socket.socket
    post: int
    body: bytes

    def send(self, data: bytes) -> None:
        self.line.sendall(data)

    def stream(self, *events: Any) -> None:
        """A whole answer of these events and `[DONE]`; the connection stays."""
        texts = [each if isinstance(each, bytes) else json.dumps(each).encode() for each in (*events, b"[DONE]")]
        body = b"".join(b"data: %s\n\n" % text for text in texts)
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: %d\r\n\r\n"
        self.send(head % len(body) + body)

    def close(self) -> None:
        raise ConnectionAbortedError

    def reset(self) -> None:
        self.line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raise ConnectionAbortedError


@dataclass
class Misbehaving:
    url: str
    posts: int = 0
    metrics: bytes = b""
    lines: list[socket.socket] = field(default_factory=list)


@contextmanager
def misbehaving(answer: Callable[[Talk], None]) -> Iterator[Misbehaving]:
    listening = socket.create_server(("127.0.0.1", 0))
    server = Misbehaving(f"http://127.0.0.1:{listening.getsockname()[1]}")

    def accept() -> None:
        with suppress(OSError):
            while True:
                line = listening.accept()[0]
                server.lines.append(line)
                threading.Thread(target=serve, args=(line, server, answer), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield server
    finally:
        listening.close()
        for line in server.lines:
            line.close()


def serve(line: socket.socket, server: Misbehaving, answer: Callable[[Talk], None]) -> None:
    posts = 0
    with suppress(OSError), line, line.makefile("rb") as stream:
        while head := stream.readline():
            length = 0
            while (header := stream.readline()).strip():
                name, _, value = header.partition(b":")
                length = int(value) if name.lower() == b"content-length" else length
            body = stream.read(length)
            if not head.startswith(b"POST"):
                line.sendall(control(head.split()[1].decode(), server))
                continue
            posts += 1
            server.posts += 1
            answer(Talk(line, posts, body))


def control(path: str, server: Misbehaving) -> bytes:
    if path == "/metrics" and server.metrics:
        text = server.metrics
    elif path in {"/health", "/v1/models"}:
        text = b'{"data":[{"id":"m","owned_by":"llamacpp"}]}'
    else:
        return b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
    return b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n%s" % (len(text), text)


def chunk(content: str | None, finish: Any = None, **more: Any) -> dict[str, Any]:
    """One event with this text."""
    return {"choices": [{"delta": {} if content is None else {"content": content}, "finish_reason": finish}], **more}
