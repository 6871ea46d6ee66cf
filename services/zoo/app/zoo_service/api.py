"""The HTTP interface: `POST /models/NAME/start`, `/load` and `/stop`, and the operator's questions."""

from __future__ import annotations

import json
import logging
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from . import __version__
from .cage import Occupied

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .cage import Cage
    from .entries import Entry

log = logging.getLogger(__name__)

_MOST_BODY = 1 << 16


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, where: tuple[str, int], models: Mapping[str, Entry], cage: Cage) -> None:
        self.models, self.cage = models, cage
        super().__init__(where, Handler)


class Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    server_version = f"zoo/{__version__}"
    sys_version = ""
    timeout = 75

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002  # the name of the standard library
        log.debug(format, *arguments)

    def do_GET(self) -> None:
        cage = self.server.cage
        answers: dict[str, Any] = {
            "/health": {"status": "ok", "holds": cage.holds or None, "state": cage.state},
            "/version": {"version": __version__},
            "/models": {"models": [entry.data() for entry in self.server.models.values()]},
        }
        path = self.path.partition("?")[0]
        if path in answers:
            self._send(200, answers[path])
        else:
            self._refuse(404, f"there is nothing at GET {path}")

    def do_POST(self) -> None:
        if not self._read_body():
            return
        path = self.path.partition("?")[0]
        parts = path.strip("/").split("/")
        if len(parts) != 3 or parts[0] != "models" or parts[2] not in ("start", "load", "stop"):
            self._refuse(404, f"there is nothing at POST {path}")
        elif parts[1] not in self.server.models:
            self._refuse(404, f"no model {parts[1]!r}; there are {', '.join(self.server.models)}")
        else:
            self._do(parts[1], parts[2])

    def _do(self, name: str, what: str) -> None:
        cage = self.server.cage
        try:
            if what == "start":
                answer = cage.start(self.server.models[name])
            else:
                answer = cage.load(name) if what == "load" else cage.stop(name)
        except Occupied as occupied:
            self._refuse(409, str(occupied))
            return
        # That a model fails to load is what was asked: an answer, and no fault of the service.
        self._send(200, answer)

    def _read_body(self) -> bool:
        """Reads and ignores a small body: none is needed, but an unread one would confuse the connection."""
        length = self.headers.get("Content-Length") or "0"
        if self.headers.get("Transfer-Encoding") or not length.isdecimal() or int(length) > _MOST_BODY:
            self.close_connection = True
            self._refuse(413, "no body is needed here")
            return False
        self.rfile.read(int(length))
        return True

    def _refuse(self, status: int, message: str) -> None:
        self._send(status, {"error": {"message": message}})

    def _send(self, status: int, value: Any) -> None:
        data = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
