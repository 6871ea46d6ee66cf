"""A loopback proxy, as companies have: passes connections on to one place, and notes what was asked for."""

from __future__ import annotations

import base64
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Proxy(ThreadingHTTPServer):
    """Passes on CONNECT; whatever name was asked for, it leads to this machine."""

    daemon_threads = True

    def __init__(self, password: str = "") -> None:
        super().__init__(("127.0.0.1", 0), _Tunnel)
        self.password = password
        self.tunnels: list[str] = []

    @property
    def url(self) -> str:
        login = f"{self.password}@" if self.password else ""
        return f"http://{login}127.0.0.1:{self.server_port}"


@contextmanager
def proxying(password: str = "") -> Iterator[Proxy]:
    proxy = Proxy(password)
    threading.Thread(target=proxy.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield proxy
    finally:
        proxy.shutdown()
        proxy.server_close()


class _Tunnel(BaseHTTPRequestHandler):
    server: Proxy

    def log_message(self, format: str, *values: Any) -> None:
        """The test looks at the tunnels instead."""

    def do_CONNECT(self) -> None:
        login = base64.b64encode(self.server.password.encode()).decode()
        if self.server.password and self.headers.get("Proxy-Authorization") != f"Basic {login}":
            self.send_error(407)
            return
        self.server.tunnels.append(self.path)
        with socket.create_connection(("127.0.0.1", int(self.path.rpartition(":")[2]))) as there:
            self.send_response(200)
            self.end_headers()
            back = threading.Thread(target=_pass_on, args=(there, self.connection), daemon=True)
            back.start()
            _pass_on(self.connection, there)
            back.join(5)
        self.close_connection = True


def _pass_on(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(1 << 16):
            sink.sendall(data)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_WR)
