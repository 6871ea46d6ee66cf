"""Connections to one server that are kept alive. Bytes are stamped the moment the event loop delivers them."""

from __future__ import annotations

import asyncio
import errno
import os
import select
import socket
from collections.abc import Callable
from time import monotonic_ns
from typing import Protocol, cast

from .limits import Room
from .open_files import most_connections
from .target import Target

LEAST_CLOSE_NS = 5_000_000
PROMPT_CLOSE_NS = 1_000_000_000
TRIAL_NS = 250_000_000
UNKEPT = 2
_ANYTHING = select.POLLIN | getattr(select, "POLLRDHUP", 0)


class Exchange(Protocol):
    """The receiver of a response on a connection."""

    def received(self, data: bytes, now: int) -> None: ...

    def lost(self, error: Exception | None, now: int) -> None: ...


class Connection(asyncio.Protocol):
    __slots__ = ("_ended", "alive", "exchange", "idle_ns", "transport")

    def __init__(self, ended: Callable[[Connection], None] = lambda _: None) -> None:
        self._ended = ended
        self.exchange: Exchange | None = None
        self.transport = cast(asyncio.Transport, None)
        self.alive = False
        self.idle_ns = 0  # since when it waits for its next request, after an answer

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.alive = True

    def data_received(self, data: bytes) -> None:
        now = monotonic_ns()
        if self.exchange is None:
            self.abort()  # nobody asked: whatever this is, the next answer must not begin with it
        else:
            self.exchange.received(data, now)

    def connection_lost(self, exc: Exception | None) -> None:
        self.alive = False
        self._ended(self)
        if self.exchange is not None:
            self.exchange.lost(exc, monotonic_ns())

    @property
    def usable(self) -> bool:
        """Whether the connection is still open. A server's close reaches the kernel and the transport before
        `connection_lost` is called, on a busy machine long before."""
        return self.alive and not self.transport.is_closing() and not self._disturbed()

    def _disturbed(self) -> bool:
        """Whether the kernel holds bytes or a close for a connection on which no request waits."""
        if self.idle_ns == 0:
            return False
        poller = select.poll()
        poller.register(self.transport.get_extra_info("socket").fileno(), _ANYTHING)
        return bool(poller.poll(0))

    def send(self, buffers: list[bytes], exchange: Exchange) -> None:
        self.exchange = exchange
        if not self.usable:
            exchange.lost(None, monotonic_ns())
        elif len(buffers) == 1:
            self.transport.write(buffers[0])
        else:
            self.transport.writelines(buffers)

    def abort(self) -> None:
        self.alive = False
        if self.transport is not None:
            self.transport.abort()


class Pool:
    """The connections. It has no limit of its own: the load model decides how many requests are in flight."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.room = Room()
        self._round_trip_ns = 0
        self.idle: list[Connection] = []
        self._tls = target.tls()
        self.opened = 0
        self._open_now = 0
        self._unkept = 0
        self._trial_ends_ns = 0
        self._most = most_connections()

    async def take(self, fresh: bool = False) -> tuple[Connection, bool]:
        """A connection, and whether it has been used before."""
        while not fresh and (connection := self._next_idle()) is not None:
            if connection.usable:
                connection.idle_ns = 0
                return connection, True
            if connection.alive:
                self.was_not_kept()
                connection.abort()
        return await self._open(), False

    def _next_idle(self) -> Connection | None:
        """The connection that was returned last. Until it is known that the server keeps used connections, only
        unused ones."""
        if monotonic_ns() >= self._trial_ends_ns:
            return self.idle.pop() if self.idle else None
        new = next((connection for connection in reversed(self.idle) if not connection.idle_ns), None)
        if new is not None:
            self.idle.remove(new)
        return new

    async def _open(self) -> Connection:
        loop = asyncio.get_running_loop()
        if self._open_now >= self._most:
            raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
        self._open_now += 1
        began = monotonic_ns()
        try:
            transport, protocol = await self._connected(loop)
        except BaseException:
            self._open_now -= 1
            raise
        protocol.transport = cast(asyncio.Transport, transport)
        self.opened += 1
        took = monotonic_ns() - began
        self._round_trip_ns = min(self._round_trip_ns or took, took)
        return protocol

    async def _connected(self, loop: asyncio.AbstractEventLoop) -> tuple[asyncio.BaseTransport, Connection]:
        return await loop.create_connection(
            lambda: Connection(self._closed), self.target.host, self.target.port, ssl=self._tls, family=socket.AF_UNSPEC
        )

    def _closed(self, connection: Connection) -> None:
        self._open_now -= 1
        now = monotonic_ns()
        if connection.idle_ns and now - connection.idle_ns < PROMPT_CLOSE_NS:
            self.was_not_kept()
            if now < self._trial_ends_ns:
                self._unkept = UNKEPT

    def was_not_kept(self) -> None:
        """Notes a close right after an answer that did not announce it: from the second on, none is used twice.

        Such a server may close at any moment after its answer, even while the next request is on its way.
        """
        self._unkept += 1

    @property
    def close_ns(self) -> int:
        """The time within which the news of a close may arrive after sending: one round trip.

        The quickest opening of a connection took at least that. Below a few milliseconds this process is not exact.
        """
        return max(LEAST_CLOSE_NS, self._round_trip_ns)

    def give_back(self, connection: Connection, reusable: bool, streamed: bool = False) -> None:
        """Returns a connection. The first stream tests the server: some announce a kept connection, and close it
        after a stream."""
        connection.exchange = None
        if streamed and not self._trial_ends_ns:
            self._trial_ends_ns = monotonic_ns() + TRIAL_NS
        if reusable and connection.usable and self._unkept < UNKEPT:
            connection.idle_ns = monotonic_ns()
            self.idle.append(connection)
        else:
            connection.abort()

    async def warm(self, count: int) -> None:
        """Opens connections before the clock starts; a failure here will appear again, with a class, in the
        requests."""
        missing = count - len(self.idle)
        if missing > 0:
            results = await asyncio.gather(*(self._open() for _ in range(missing)), return_exceptions=True)
            self.idle.extend(each for each in results if isinstance(each, Connection))

    def close(self) -> None:
        for connection in self.idle:
            connection.idle_ns = 0
            connection.abort()
        self.idle.clear()
