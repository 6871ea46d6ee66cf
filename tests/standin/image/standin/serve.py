"""The HTTP side: what each engine offers, by the rows of its table."""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from . import chat
from .chat import BadRequestError

if TYPE_CHECKING:
    from .life import Life
    from .ovms_files import Servables

BUSY = {"error": {"code": 503, "message": "Loading model", "type": "unavailable_error"}}


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, where: tuple[str, int], life: Life, served: list[str]) -> None:
        self.life, self.served = life, served
        self.keys: list[str] = []
        self.servables: Servables | None = None
        self.metrics_on = True
        self.counts = [0, 0, 0]
        self.lock = threading.Lock()
        super().__init__(where, Handler)

    def count(self, *amounts: int) -> None:
        with self.lock:
            self.counts = [have + more for have, more in zip(self.counts, amounts, strict=True)]


class Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    server_version = "mmcompose-stand-in-test-double"

    def log_message(self, *_: Any) -> None:
        """Health checks would fill the log."""

    @property
    def engine_api(self) -> str:
        return self.server.life.engine.api

    def do_GET(self) -> None:
        life, path = self.server.life, self.path.partition("?")[0]
        engine = life.engine
        if path in engine.health:
            self._health()
        elif path == "/v1/config" and self.server.servables:
            self._send(200, self._states(self.server.servables))
        elif path == f"{engine.api}/models" and engine.chats:
            self._guarded(self._models)
        elif path == engine.metrics and self.server.metrics_on:
            self._text(200, self._metrics(), "text/plain; version=0.0.4; charset=utf-8")
        elif path == "/metrics" and life.name == "trtllm":
            self._send(200, [])  # iteration statistics as JSON, no Prometheus text
        elif path == "/version":
            self._send(200, {"version": life.told.version.removeprefix("v"), "test_double": True})
        else:
            self._send(404, {"detail": "Not Found"})

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        data = self.rfile.read(int(length) if length.isdecimal() else 0)
        engine = self.server.life.engine
        if self.path == f"{engine.api}/chat/completions" and engine.chats:
            self._guarded(lambda: self._chat(data))
        elif self.path == "/segment" and self.server.life.name == "sam3":
            self._guarded(lambda: self._segment(data))
        else:
            self._send(404, {"detail": "Not Found"})

    def _guarded(self, action: Any) -> None:
        """The key where one is asked for, 503 while loading, and every refusal in words."""
        bearer = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if self.server.keys and bearer not in self.server.keys:
            self._send(401, {"error": {"message": "Unauthorized", "code": 401}})
        elif self.server.life.state != "ready":
            self._send(503, BUSY)
        else:
            try:
                action()
            except BadRequestError as bad:
                self._send(bad.status, {"error": {"message": bad.words, "type": "BadRequestError", "code": bad.status}})

    def _health(self) -> None:
        life = self.server.life
        status = {"ready": 200, "failed": 500 if life.name in ("sam3", "rapidocr") else 503}.get(life.state, 503)
        self._send(status, {"status": life.state, "reason": life.reason} if status != 200 else {"status": "ok"})

    def _models(self) -> None:
        listed = [{"id": name, "object": "model", "owned_by": "a test double"} for name in self.server.served]
        self._send(200, {"object": "list", "data": listed})

    def _states(self, servables: Servables) -> dict[str, Any]:
        loaded = self.server.life.state == "ready"
        status = {"error_code": "OK", "error_message": "OK"}
        return {
            name: {
                "model_version_status": [
                    {"version": "1", "state": servables.state(name, loaded=loaded), "status": status}
                ]
            }
            for name in servables.names
        }

    def _metrics(self) -> str:
        engine, label = self.server.life.engine, f'{{model_name="{(self.server.served or ["-"])[0]}"}}'
        lines = [f"# TYPE {name} gauge\n{name}{label} 0" for name in engine.gauges]
        for name, amount in zip(engine.counters, self.server.counts, strict=True):
            total = name if name.startswith("ovms_") else f"{name}_total"
            lines.append(f"# TYPE {total} counter\n{total}{label} {amount}")
        return "\n".join([*lines, ""])

    def _chat(self, data: bytes) -> None:
        life = self.server.life
        if life.told.failure == "fail-requests":
            self._send(500, {"error": {"message": "the engine failed on this request", "code": 500}})
            return
        said = chat.answer(_json(data), self.server.served, life.told.words, strict=life.engine.strict_names)
        self.server.count(1, said.prompt_tokens, len(said.words))
        if not said.stream:
            self._send(200, chat.whole(said))
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream; charset=utf-8")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for part in chat.parts(said, usage_at_end=life.engine.usage_at_end):
            self._chunk(f"data: {json.dumps(part)}\n\n".encode())
            time.sleep(life.told.token_seconds)
        self._chunk(b"data: [DONE]\n\n")
        self._chunk(b"")

    def _segment(self, data: bytes) -> None:
        """One mask, the left half of the image, whatever was looked for."""
        body = _json(data)
        if not body.get("text") and not body.get("boxes"):
            raise BadRequestError(400, "say what to look for: text, boxes, or both")
        kind, _, size = chat.image_kind(str(body.get("image"))).partition(" ")
        if kind != "png":
            raise BadRequestError(400, "this test double measures PNG images only")
        width, height = map(int, size.split("x"))
        half = width // 2
        runs = [0, half * height, (width - half) * height]
        self.server.count(1, 1, 1)
        answer = {
            "masks": [{"size": [height, width], "counts": runs}],
            "boxes": [[0.0, 0.0, float(half), float(height)]],
            "scores": [0.99],
            "found": 1,
        }
        self._send(200, answer | {"width": width, "height": height})

    def _chunk(self, data: bytes) -> None:
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        self.wfile.flush()

    def _send(self, status: int, value: Any) -> None:
        self._text(status, json.dumps(value), "application/json")

    def _text(self, status: int, text: str, kind: str) -> None:
        data = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def _json(data: bytes) -> Any:
    try:
        return json.loads(data)
    except ValueError as error:
        raise BadRequestError(400, f"the body is not valid JSON: {error}") from error
