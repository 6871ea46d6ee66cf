"""The one whole question of a test has an end, whatever the server does with it."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from mmcompose.deploy.ready.verify import verify
from mmcompose.deploy.wanted import wanted_profile
from tests.making import compilation

if TYPE_CHECKING:
    from collections.abc import Iterator

HEAD = b"HTTP/1.1 200 OK\r\nConnection: close\r\n"
ENDLESS = {
    "a head that drips": (b"H", b"T"),
    "a body that drips": (HEAD + b"Content-Length: 100000\r\n\r\n", b" "),
    "a body without an end": (HEAD + b"\r\n", b"x"),
    "always on the way": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
}


@contextmanager
def dripping(first: bytes, then: bytes) -> Iterator[int]:
    """A server that never falls silent for long; its port."""
    over = threading.Event()
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:

        def serve() -> None:
            visitor, _ = listening.accept()
            with closing(visitor):
                visitor.recv(65536)
                try:
                    visitor.sendall(first)
                    while not over.wait(0.05):
                        visitor.sendall(then)
                except OSError:
                    return

        server = threading.Thread(target=serve)
        server.start()
        try:
            yield listening.getsockname()[1]
        finally:
            over.set()
            server.join()


class Fake:
    """An engine with the one container of the profile."""

    def __init__(self, port: int) -> None:
        labels = {"mmcompose.project": "mm", "mmcompose.profile": "chat", "mmcompose.service": "chat"}
        ports = {"8080/tcp": [{"HostIp": "127.0.0.1", "HostPort": str(port)}]}
        self.answer = {
            "Id": "c1",
            "Config": {"Labels": labels},
            "State": {"Status": "running"},
            "NetworkSettings": {"Ports": ports},
        }

    def containers(self, _: Any) -> list[dict[str, Any]]:
        return [self.answer]


@pytest.mark.parametrize(("first", "then"), ENDLESS.values(), ids=ENDLESS)
@pytest.mark.parametrize("named", [True, False], ids=["the question", "the list of models before it"])
def test_an_answer_without_an_end_is_a_fault(first: bytes, then: bytes, *, named: bool) -> None:
    files = {
        "profiles/chat.yaml": "model: qwen-small\nhost: box\nbackend: llamacpp\nports: {api: 8080}\n",
        "profiles/hosts/box.yaml": "machine: {accelerator: cpu, memory: 16g, cores: 4, uid: 1000, gid: 1000}\n",
    }
    made = compilation(files)
    assert made.stack is not None
    chat = wanted_profile(made.stack, "chat")
    [expected] = chat.services
    chat = replace(chat, services=(replace(expected, served_name="it" if named else None),))
    with dripping(first, then) as port:
        began = time.monotonic()
        [found] = verify(Fake(port), chat, Path(), within=0.6)  # type: ignore[arg-type]
        took = time.monotonic() - began
    assert found.fault
    assert took < 60
