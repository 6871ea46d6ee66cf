"""HTTP to an engine on this machine, straight: no proxy of the shell may stand between us and a local port."""

from __future__ import annotations

import http.client
import json
import socket
import threading
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from typing import Any, NamedTuple


class Address(NamedTuple):
    host: str
    port: int

    def __str__(self) -> str:
        return f"{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"


class Answer(NamedTuple):
    status: int
    body: bytes

    @property
    def data(self) -> Any:
        """The JSON in it, or None."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    @property
    def words(self) -> str:
        """The beginning of what it says, in one line."""
        return " ".join(self.body[:600].decode("utf-8", "replace").split())[:200]


class NoAnswerError(Exception):
    """Nobody there, or somebody who does not speak HTTP."""


_MOST = 1 << 20


def get(address: Address, path: str, timeout: float, key: str | None = None, *, within: float | None = None) -> Answer:
    with _asked(address, "GET", path, None, timeout, key, within) as response:
        return Answer(response.status, response.read(_MOST))


def post(
    address: Address, path: str, body: Any, timeout: float, key: str | None = None, *, within: float | None = None
) -> Answer:
    """`timeout` is how long a silence may be, `within` how long all of it may take."""
    with _asked(address, "POST", path, body, timeout, key, within) as response:
        return Answer(response.status, response.read(_MOST))


def stream(
    address: Address, path: str, body: Any, timeout: float, key: str | None = None
) -> Generator[Answer | dict[str, Any]]:
    """First the answer's head; then, where it is an event stream, its events, else nothing more than the whole body."""
    with _asked(address, "POST", path, body, timeout, key) as response:
        if response.status != 200 or "event-stream" not in (response.getheader("Content-Type") or ""):
            yield Answer(response.status, response.read(_MOST))
            return
        yield Answer(response.status, b"")
        while line := response.readline(_MOST):
            if line.startswith(b"data:") and line[5:].strip() != b"[DONE]":
                try:
                    found = json.loads(line[5:])
                except ValueError:
                    continue
                if isinstance(found, dict):
                    yield found


@contextmanager
def _asked(
    address: Address,
    method: str,
    path: str,
    body: Any,
    timeout: float,
    key: str | None,
    within: float | None = None,
) -> Iterator[http.client.HTTPResponse]:
    """One request and its answer. Both are closed at the end: a connection that the server closes is the answer's."""
    patience = timeout if within is None else min(timeout, within)
    with closing(http.client.HTTPConnection(address.host, address.port, timeout=patience)) as connection:
        try:
            connection.connect()
            with _cut(connection.sock, within):
                connection.request(method, path, None if body is None else json.dumps(body), _headers(key, body))
                with closing(connection.getresponse()) as response:
                    yield response
        except (OSError, http.client.HTTPException) as error:
            raise NoAnswerError(str(error) or type(error).__name__) from error


@contextmanager
def _cut(line: socket.socket, within: float | None) -> Iterator[None]:
    """A server that drips keeps every single wait short, so the end of all of them comes from beside."""
    if within is None:
        yield
        return
    late = threading.Event()

    def cut() -> None:
        late.set()
        with suppress(OSError):
            line.shutdown(socket.SHUT_RDWR)

    clock = threading.Timer(within, cut)
    clock.daemon = True
    clock.start()
    try:
        yield
    except (OSError, http.client.HTTPException):
        if not late.is_set():
            raise
    finally:
        clock.cancel()
    if late.is_set():
        # What was read until then may look like a whole answer.
        raise NoAnswerError(f"no whole answer in {within:.0f} s")


def _headers(key: str | None, body: Any) -> Mapping[str, str]:
    headers = {"Connection": "close", "User-Agent": "mmcompose"}
    if body is not None:
        headers["Content-Type"] = "application/json"
    if key:
        headers["Authorization"] = f"Bearer {key}"
    return headers
