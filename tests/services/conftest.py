"""The services are packages of their images, not of mmcompose: they are imported from their build contexts."""

from __future__ import annotations

import socket
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
import uvicorn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fastapi import FastAPI

SERVICES = Path(__file__).parents[2] / "services"
sys.path[:0] = [str(SERVICES / place) for place in ("kit", "eval/app", "rapidocr/app", "sam3/app", "zoo/app", "fetch")]


@contextmanager
def serving(app: FastAPI) -> Iterator[httpx.Client]:
    """The application behind a real HTTP server on a free port."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=5))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{listener.getsockname()[1]}", timeout=300) as client:
                yield client
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture
def served() -> Iterator[Callable[[FastAPI], httpx.Client]]:
    """Serve applications for the length of a test."""
    running = []

    def start(app: FastAPI) -> httpx.Client:
        context = serving(app)
        running.append(context)
        return context.__enter__()

    yield start
    for context in reversed(running):
        context.__exit__(None, None, None)


def eventually(question: Callable[[], bool], seconds: float = 300) -> bool:
    """Whether the answer becomes yes; the time is a bound for broken code, not an expectation."""
    end = time.monotonic() + seconds
    while not question():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


def settled(client: httpx.Client) -> httpx.Client:
    """The client, once its service has left the loading state."""
    assert eventually(lambda: client.get("/health").status_code != 503)
    return client
