"""Kept-alive connections to one server. Bytes are stamped the moment the event loop hands them over."""

from __future__ import annotations

import asyncio
import socket
from time import monotonic_ns
from typing import Protocol, cast

from .target import Target


class Exchange(Protocol):
    """Whoever waits for a response on a connection."""

    def received(self, data: bytes, now: int) -> None: ...

    def lost(self, error: Exception | None, now: int) -> None: ...


class Connection(asyncio.Protocol):
    __slots__ = ("alive", "exchange", "transport")

    def __init__(self) -> None:
        self.exchange: Exchange | None = None
        self.transport = cast(asyncio.Transport, None)
        self.alive = False

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
        if self.exchange is not None:
            self.exchange.lost(exc, monotonic_ns())

    @property
    def usable(self) -> bool:
        """The peer's farewell closes the transport some time before `connection_lost` is called."""
        return self.alive and not self.transport.is_closing()

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
    """No limit of its own: how many requests are in flight is the load model's business."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.idle: list[Connection] = []
        self._tls = target.tls()
        self.opened = 0

    async def take(self, fresh: bool = False) -> tuple[Connection, bool]:
        """A connection, and whether it has been used before."""
        while self.idle and not fresh:
            connection = self.idle.pop()
            if connection.usable:
                return connection, True
        return await self._open(), False

    async def _open(self) -> Connection:
        loop = asyncio.get_running_loop()
        transport, protocol = await loop.create_connection(
            Connection, self.target.host, self.target.port, ssl=self._tls, family=socket.AF_UNSPEC
        )
        protocol.transport = transport
        self.opened += 1
        return protocol

    def give_back(self, connection: Connection, reusable: bool) -> None:
        connection.exchange = None
        if reusable and connection.usable:
            self.idle.append(connection)
        else:
            connection.abort()

    async def warm(self, count: int) -> None:
        """Open connections before the clock starts; a failure here will show again, with a class, in the requests."""
        missing = count - len(self.idle)
        if missing > 0:
            results = await asyncio.gather(*(self._open() for _ in range(missing)), return_exceptions=True)
            self.idle.extend(each for each in results if isinstance(each, Connection))

    def close(self) -> None:
        for connection in self.idle:
            connection.abort()
        self.idle.clear()
