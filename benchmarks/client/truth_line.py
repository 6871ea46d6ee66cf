"""One connection of the truth server: reads requests, writes each token at its absolute deadline, logs when it did."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from time import monotonic
from typing import Any, Protocol, cast

from .truth_behaviour import Behaviour, Request
from .truth_log import Record, Truth

STREAM_HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n"
    b"Cache-Control: no-cache\r\nTransfer-Encoding: chunked\r\n\r\n"
)
LENGTH = re.compile(rb"(?i)\r\ncontent-length:[ \t]*(\d+)")


def chunk(payload: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(payload), payload)


def event(body: dict[str, Any]) -> bytes:
    return chunk(b"data: " + json.dumps(body, separators=(",", ":")).encode() + b"\n\n")


class Host(Protocol):
    """The server behind the connections."""

    behaviour: Behaviour
    truth: Truth
    lines: set[Line]

    def admit(self, line: Line) -> None: ...

    def leave(self, line: Line) -> None: ...

    def token_event(self, line: Line, tokens: list[str], index: int, per: int) -> bytes: ...

    def control(self, path: str) -> tuple[Any, str]: ...


class Line(asyncio.Protocol):
    """One connection."""

    def __init__(self, server: Host) -> None:
        self.server = server
        self.pieces: list[bytes] = []
        self.have = 0
        self.head = b""
        self.need = 0
        self.first_byte = 0.0
        self.record: Record | None = None
        self.timer: asyncio.TimerHandle | None = None
        self.index = 0
        self.fault: str | None = None
        self.usage_wanted = False
        self.api = "chat"

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.loop = asyncio.get_running_loop()
        self.server.lines.add(self)

    def current(self) -> Record:
        if self.record is None:
            raise RuntimeError("no request is being answered")
        return self.record

    def connection_lost(self, _: Exception | None) -> None:
        self.server.lines.discard(self)
        if self.timer:
            self.timer.cancel()
        if self.record is not None:
            self.server.truth.counts["disconnected"] += 1
            self.leave()

    def data_received(self, data: bytes) -> None:
        """Keeps the pieces of a large body and joins them once; copying them would delay other streams."""
        if not self.pieces and not self.head:
            self.first_byte = monotonic()
        self.pieces.append(data)
        self.have += len(data)
        while self.have or self.head:
            if not self.head:
                start = b"".join(self.pieces)
                end = start.find(b"\r\n\r\n")
                if end < 0:
                    self.pieces = [start]
                    return
                self.head = start[:end]
                found = LENGTH.search(self.head)
                self.need = int(found.group(1)) if found else 0
                self.keep(start[end + 4 :])
            if self.have < self.need:
                return
            whole = self.pieces[0] if len(self.pieces) == 1 else b"".join(self.pieces)
            head, self.head = self.head, b""
            self.keep(whole[self.need :])
            self.handle(head, whole[: self.need])

    def keep(self, rest: bytes) -> None:
        self.pieces, self.have = [rest] if rest else [], len(rest)

    def plain(self, body: object, status: str = "200 OK") -> None:
        text = body if isinstance(body, bytes) else json.dumps(body).encode()
        head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(text)}\r\n\r\n"
        self.transport.write(head.encode() + text)

    def handle(self, head: bytes, body: bytes) -> None:
        now = monotonic()
        method, path, _ = head.split(b"\r\n", 1)[0].decode().split(" ", 2)
        truth = self.server.truth
        if not truth.first_contact and not path.startswith("/__"):
            truth.first_contact = self.first_byte
        if method == "POST" and path.endswith(("/chat/completions", "/completions", "/completion")):
            self.api = "chat" if path.endswith("/chat/completions") else "text"
            self.api = "llamacpp" if path.endswith("/completion") else self.api
            self.answer(body, now)
        else:
            self.plain(*self.server.control(path))

    def answer(self, body: bytes, now: float) -> None:
        server = self.server
        truth, behaviour = server.truth, server.behaviour
        truth.counts["requests"] += 1
        self.fault = behaviour.fault(truth.counts["requests"])
        if self.fault:
            truth.counts[self.fault] = truth.counts.get(self.fault, 0) + 1
        if self.fault == "http_500":
            return self.plain({"error": {"message": "injected", "code": 500}}, "500 Internal Server Error")
        if self.fault == "bad_http":
            self.transport.write(b"SMTP ready\r\n\r\n")
            return None
        if self.fault == "refuse":
            return self.transport.abort()
        if self.fault == "hang":
            return None
        request = Request.read(body, behaviour, verify=sum(truth.image_sha256.values()) < behaviour.verify_bodies)
        if request.image_sha256:
            truth.image_sha256[request.image_sha256] = truth.image_sha256.get(request.image_sha256, 0) + 1
        self.usage_wanted = request.usage
        self.record = Record(self.first_byte, now, 0.0, len(body), request.tokens)
        self.prompt_tokens = behaviour.prompt_tokens or max(1, len(body) // 5)
        truth.records.append(self.record)
        if behaviour.role_first and self.api == "chat":
            self.transport.write(STREAM_HEAD + self.event_of({"role": "assistant", "content": ""}))
        self.index = 0
        self.stream = request.stream
        server.admit(self)
        return None

    def begin(self) -> None:
        record, behaviour = self.current(), self.server.behaviour
        now = monotonic()
        record.admitted = record.body_end if now - record.body_end < 1e-3 else now
        delay = behaviour.ttft_ms / 1e3
        if self.fault == "slow_head":
            delay += behaviour.slow_head_ms / 1e3
        if self.stream:
            self.after(delay, self.tick)
        else:
            delay += behaviour.itl_ms * (len(record.tokens) - 1) / 1e3
            self.after(delay, self.whole)

    def after(self, delay: float, act: Callable[[], None]) -> None:
        """Calls a function at an absolute deadline, counted from the admission of the request."""
        self.timer = self.loop.call_later(max(0.0, self.current().admitted + delay - monotonic()), act)

    def event_of(self, delta: dict[str, Any], finish: str | None = None) -> bytes:
        choice: dict[str, Any] = {"index": 0, "finish_reason": finish}
        choice |= {"delta": delta} if self.api == "chat" else {"text": delta.get("content", "")}
        if self.api == "llamacpp":
            return event({"content": delta.get("content", ""), "stop": False})
        name = "chat.completion.chunk" if self.api == "chat" else "text_completion"
        return event(
            {"id": "truth", "object": name, "created": 1, "model": self.server.behaviour.model, "choices": [choice]}
        )

    def tick(self) -> None:
        record, behaviour = self.current(), self.server.behaviour
        per, index, tokens = behaviour.tokens_per_event, self.index, record.tokens
        if index == 0 and self.fault == "empty":
            self.transport.write(STREAM_HEAD)
            return self.finish("stop", reported=0)
        payload = self.server.token_event(self, tokens, index, per)
        if self.fault and index >= 3:
            if self.fault == "cut":
                record.end = 0.0
                self.leave()
                return self.transport.close()
            if self.fault == "stall":
                return None
            if self.fault == "error_event":
                payload = event({"error": {"message": "injected in mid-stream", "code": 500}})
            if self.fault == "garbage":
                payload = chunk(b'data: {"choices": [{"del\n\n')
        head = STREAM_HEAD if index == 0 and not (behaviour.role_first and self.api == "chat") else b""
        record.stamps.append(monotonic())
        self.transport.write(head + payload if head else payload)
        self.index = index + per
        if self.index >= len(tokens):
            return self.finish("length")
        self.after((behaviour.ttft_ms + behaviour.itl_ms * self.index) / 1e3, self.tick)
        return None

    def finish(self, reason: str, reported: int | None = None) -> None:
        record, behaviour = self.current(), self.server.behaviour
        count = len(record.tokens) if reported is None else reported
        counts = {"prompt_tokens": self.prompt_tokens, "completion_tokens": count}
        if self.api == "llamacpp":
            timings = {
                "prompt_n": self.prompt_tokens,
                "predicted_n": count,
                "predicted_per_second": 1e3 / behaviour.itl_ms,
            }
            last = {"content": "", "stop": True, "stop_type": "limit", "timings": timings}
            tail = event(last | {"tokens_predicted": count, "tokens_evaluated": self.prompt_tokens})
        else:
            tail = self.event_of({}, reason)
            if behaviour.usage and self.usage_wanted:
                details = (
                    {"completion_tokens_details": {"reasoning_tokens": behaviour.reasoning}}
                    if behaviour.reasoning
                    else {}
                )
                tail += event({"id": "truth", "choices": [], "usage": counts | details})
            if behaviour.done_marker:
                tail += chunk(b"data: [DONE]\n\n")
        self.transport.write(tail + b"0\r\n\r\n")
        self.close_record()

    def whole(self) -> None:
        record = self.current()
        record.stamps.append(monotonic())
        counts = {"prompt_tokens": self.prompt_tokens, "completion_tokens": len(record.tokens)}
        message = {"role": "assistant", "content": " ".join(record.tokens)}
        self.plain({"choices": [{"index": 0, "finish_reason": "length", "message": message}], "usage": counts})
        self.close_record()

    def close_record(self) -> None:
        self.current().end = monotonic()
        self.server.truth.counts["ok"] += 0 if self.fault in {"error_event", "garbage", "empty"} else 1
        self.leave()

    def leave(self) -> None:
        self.record = None
        self.server.leave(self)
