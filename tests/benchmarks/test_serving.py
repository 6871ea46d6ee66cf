"""The server of these tests leaves nothing open, so that no test is blamed for another one's connections."""

from __future__ import annotations

import asyncio
import gc
import socket

from benchmarks.client.truth_behaviour import Behaviour
from benchmarks.client.truth_server import Server

from .serving import shut


def test_whoever_comes_while_the_server_ends_is_shown_out() -> None:
    loop = asyncio.new_event_loop()
    server = Server(Behaviour())
    listening = loop.run_until_complete(server.listen("127.0.0.1", 0))
    visitors = [socket.create_connection(listening.sockets[0].getsockname()) for _ in range(3)]
    loop.call_soon(loop.stop)
    loop.run_forever()
    assert len(asyncio.all_tasks(loop)) == 3, "they are being let in"
    loop.run_until_complete(shut(listening, server))
    loop.close()
    gc.collect()  # what is open and forgotten would be a warning, which fails the test
    for visitor in visitors:
        with visitor:
            visitor.settimeout(60)
            assert ended(visitor)


def ended(visitor: socket.socket) -> bool:
    try:
        return visitor.recv(1) == b""
    except ConnectionResetError:
        return True
