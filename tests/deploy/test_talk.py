"""A server that breaks off is nobody, wherever in its answer it does so; nothing of it stays open."""

from __future__ import annotations

import gc
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress

import pytest

from mmcompose.deploy.ready import talk
from mmcompose.deploy.ready.talk import Address, NoAnswerError

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n"


@contextmanager
def saying(arguments: bytes, *, stay: bool = False) -> Iterator[Address]:
    """A server that answers one request so and closes, or falls silent."""
    done = threading.Event()
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:

        def serve() -> None:
            visitor, _ = listening.accept()
            with visitor:
                visitor.recv(65536)
                visitor.sendall(arguments)
                if stay:
                    done.wait(10)

        server = threading.Thread(target=serve)
        server.start()
        try:
            yield Address(*listening.getsockname())
        finally:
            done.set()
            server.join()


@contextmanager
def dripping() -> Iterator[Address]:
    """A byte every 50 ms, for ever."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:

        def serve() -> None:
            visitor, _ = listening.accept()
            with visitor, suppress(OSError):
                visitor.sendall(HEAD + b"\r\n")
                while True:
                    visitor.sendall(b".")
                    time.sleep(0.05)

        server = threading.Thread(target=serve)
        server.start()
        yield Address(*listening.getsockname())
        server.join()


BROKEN = {
    "no HTTP": (b"SSH-2.0-hello\r\n", False),
    "nothing": (b"", False),
    "half a body": (HEAD + b"Content-Length: 100\r\n\r\nhalf", False),
    "half a chunk": (HEAD + b"Transfer-Encoding: chunked\r\n\r\nff\r\nhalf", False),
    "a body that never ends": (HEAD + b"Content-Length: 100\r\n\r\nhalf", True),
}


@pytest.mark.parametrize(("arguments", "stay"), BROKEN.values(), ids=BROKEN)
def test_an_answer_that_breaks_off_is_none(arguments: bytes, *, stay: bool) -> None:
    with saying(arguments, stay=stay) as address, pytest.raises(NoAnswerError):
        talk.get(address, "/health", timeout=0.3)


def test_a_server_that_never_comes_to_an_end_is_given_one() -> None:
    """Each word comes in time, and there is always another."""
    with dripping() as address, pytest.raises(NoAnswerError, match="no whole answer in 0 s"):
        talk.get(address, "/health", timeout=300, within=0.3)


@pytest.mark.parametrize("text", [b"[" * 100_000, b"{", b"\xff"], ids=["too deep", "broken", "no text"])
def test_what_is_no_json_is_nothing(text: bytes) -> None:
    assert talk.Answer(200, text).data is None


def test_a_stream_that_breaks_off_gives_what_came_and_then_says_so() -> None:
    arguments = HEAD + b'Transfer-Encoding: chunked\r\n\r\n0f\r\ndata: {"a": 1}\n\r\n10\r\ndata: '
    with saying(arguments) as address:
        parts = talk.stream(address, "/v1/chat/completions", {}, timeout=300)
        assert getattr(next(parts), "status", None) == 200
        assert next(parts) == {"a": 1}
        with pytest.raises(NoAnswerError):
            next(parts)


def test_a_stream_that_nobody_reads_to_its_end_is_closed_at_once() -> None:
    """The engine is told by it to stop generating."""
    with saying(HEAD + b'\r\ndata: {"a": 1}\n\n', stay=True) as address:
        parts = talk.stream(address, "/v1/chat/completions", {}, timeout=300)
        next(parts)
        parts.close()
        assert not [one for one in gc.get_objects() if isinstance(one, socket.socket) and _to(one, address)]


def _to(one: socket.socket, address: Address) -> bool:
    try:
        return bool(one.getpeername() == tuple(address))
    except OSError:
        return False
