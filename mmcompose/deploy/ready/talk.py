"""Speaks HTTP to an engine on this machine, without any proxy of the shell."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from typing import Any, NamedTuple

from mmcompose.deploy.docker.program import after
from mmcompose.deploy.ready.keys import is_plain


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
        """The answer's JSON, or None."""
        return _json(self.body)

    @property
    def excerpt(self) -> str:
        """The beginning of the body, on one line."""
        return " ".join(self.body[:600].decode("utf-8", "replace").split())[:200]


class NoAnswerError(Exception):
    """Reports that nothing answers, or not in HTTP."""


_MOST = 1 << 20


def get(address: Address, path: str, timeout: float, key: str | None = None, within: float | None = None) -> Answer:
    """Sends a GET. `timeout` limits the wait for each piece of the answer, `within` the wait for all of it."""
    with _response(address, "GET", path, None, timeout, key, within) as response:
        return _whole(response)


def post(
    address: Address, path: str, body: Any, timeout: float, key: str | None = None, within: float | None = None
) -> Answer:
    with _response(address, "POST", path, body, timeout, key, within) as response:
        return _whole(response)


def stream(
    address: Address, path: str, body: Any, timeout: float, key: str | None = None, within: float | None = None
) -> Generator[Answer | dict[str, Any]]:
    """Yields the answer's head, then its events; if it is no event stream, only the whole answer."""
    with _response(address, "POST", path, body, timeout, key, within) as response:
        if response.status != 200 or "event-stream" not in (response.getheader("Content-Type") or ""):
            yield _whole(response)
            return
        yield Answer(response.status, b"")
        while line := response.readline(_MOST):
            if line.startswith(b"data:") and isinstance(found := _json(line[5:]), dict):
                yield found


def _whole(response: http.client.HTTPResponse) -> Answer:
    body = response.read(_MOST)
    if response.length and len(body) < _MOST:
        raise NoAnswerError(f"its answer broke off, {response.length} bytes before its end")
    return Answer(response.status, body)


def _json(text: bytes) -> Any:
    """The JSON of a text, or None. Too deep counts as wrong."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


@contextmanager
def _response(
    address: Address, method: str, path: str, body: Any, timeout: float, key: str | None, within: float | None = None
) -> Iterator[http.client.HTTPResponse]:
    """Sends one request and yields the response; closes both at the end, which the server may have done already."""
    if key is not None and not is_plain(key):
        # Python's own complaint about such a header would quote it.
        raise NoAnswerError("the key is not one line of plain characters, so no request was sent")
    timeout = timeout if within is None else min(timeout, within)
    with closing(http.client.HTTPConnection(address.host, address.port, timeout=timeout)) as connection:
        try:
            connection.connect()
            with _ended_after(within, connection.sock):
                connection.request(method, path, None if body is None else json.dumps(body), _headers(key, body))
                with closing(connection.getresponse()) as response:
                    yield response
        except (OSError, ValueError, http.client.HTTPException) as error:
            # It may be a whole line of the server's.
            complaint = " ".join(str(error).split())[:200]
            raise NoAnswerError(complaint or type(error).__name__) from error


@contextmanager
def _ended_after(seconds: float | None, connection: socket.socket) -> Iterator[None]:
    """Closes the connection at the deadline, so that a slow server cannot hold us."""

    def end() -> None:
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)

    with after(seconds, end) as late:
        try:
            yield
        except (OSError, http.client.HTTPException, NoAnswerError):
            if not late.is_set():
                raise
    if late.is_set():
        raise NoAnswerError(f"no whole answer in {seconds:.0f} s")


def _headers(key: str | None, body: Any) -> Mapping[str, str]:
    headers = {"Connection": "close", "User-Agent": "mmcompose"}
    if body is not None:
        headers["Content-Type"] = "application/json"
    if key:
        headers["Authorization"] = f"Bearer {key}"
    return headers
