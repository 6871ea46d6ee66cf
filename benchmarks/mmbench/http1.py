"""HTTP/1.1 responses, read incrementally: bytes in, payload bytes out. Pure; no sockets here.

Why not a library: time stamps are taken where bytes arrive, and a streamed token costs the reader a microsecond.
"""

from __future__ import annotations

import re

HEAD_LIMIT = 64 * 1024
LINE_LIMIT = 4 * 1024
INTERIM_LIMIT = 16  # `100 Continue` and its like before the answer itself
LENGTH_DIGITS = 15
HEX = re.compile(rb"[0-9a-fA-F]{1,15}")
NO_BODY = {204, 304}
HEAD, SIZED, CHUNKS, TRAILER, TO_CLOSE, NOTHING = range(6)


class BadResponseError(Exception):
    """The server sent something that is not HTTP/1.1."""


class ResponseReader:
    """Reads one response. `feed` returns the payload found in these bytes; `done` says that the response has ended."""

    __slots__ = ("_chunked", "_interim", "_left", "_rest", "_state", "done", "headers", "reusable", "status")

    def __init__(self) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self.done = False
        self.reusable = True
        self._rest = b""
        self._left = 0
        self._interim = 0
        self._chunked = False
        self._state = HEAD

    def feed(self, data: bytes) -> bytes:
        if self._rest:
            data = self._rest + data
            self._rest = b""
        state = self._state
        if state == CHUNKS:
            return self._read_chunks(data)
        if state == SIZED:
            return self._read_sized(data)
        if state == TO_CLOSE:
            return data
        if state == HEAD:
            return self._read_head(data)
        if state == TRAILER:
            return self._read_trailer(data)
        self.reusable = self.reusable and not data  # bytes that nobody asked for
        return b""

    def closed(self) -> bool:
        """Ends the response at the peer's close; whether that was its proper end."""
        if self._state == TO_CLOSE:
            self.done = True
        self.reusable = False
        return self.done

    def _read_head(self, data: bytes) -> bytes:
        code = "1"
        while code.startswith("1"):
            end = data.find(b"\r\n\r\n")
            if end < 0:
                return self._wait_for_head(data)
            first, *lines = data[:end].decode("latin-1").split("\r\n")
            data = data[end + 4 :]
            version, _, tail = first.partition(" ")
            code = tail[:3]
            if not version.startswith("HTTP/1.") or not (code.isascii() and code.isdigit()):
                raise BadResponseError(f"expected an HTTP/1.1 status line, got {first[:40]!r}")
            self._interim += 1
            if self._interim > INTERIM_LIMIT:
                raise BadResponseError(f"more than {INTERIM_LIMIT} interim answers ({first[:40]!r}) and no answer")
        self.status = int(code)
        for line in lines:
            name, colon, value = line.partition(":")
            if not colon:
                raise BadResponseError(f"expected a header, got {line[:40]!r}")
            self.headers[name.strip().lower()] = value.strip()
        connection = self.headers.get("connection", "").lower()
        self.reusable = "close" not in connection and (version != "HTTP/1.0" or "keep-alive" in connection)
        self._frame_body()
        return self.feed(data) if data else b""

    def _wait_for_head(self, data: bytes) -> bytes:
        if len(data) > HEAD_LIMIT:
            raise BadResponseError(f"the response head is longer than {HEAD_LIMIT} bytes")
        if not b"HTTP/1.".startswith(data[:7]):
            raise BadResponseError(f"expected an HTTP/1.1 status line, got {data[:40]!r}")
        self._rest = data
        return b""

    def _frame_body(self) -> None:
        length = self.headers.get("content-length")
        if self.status in NO_BODY:
            self._finish()
        elif "chunked" in self.headers.get("transfer-encoding", "").lower():
            self._state = CHUNKS
        elif length is None:
            self._state, self.reusable = TO_CLOSE, False
        elif not (length.isascii() and length.isdigit() and len(length) <= LENGTH_DIGITS):
            raise BadResponseError(f"Content-Length is no length: {length[:40]!r}")
        else:
            self._left = int(length)
            self._state = SIZED
            if self._left == 0:
                self._finish()

    def _finish(self) -> None:
        self.done = True
        self._state = NOTHING

    def _read_sized(self, data: bytes) -> bytes:
        payload = data[: self._left]
        self._left -= len(payload)
        if self._left == 0:
            self._finish()
            self.reusable = self.reusable and len(payload) == len(data)
        return payload

    def _read_chunks(self, data: bytes) -> bytes:
        """The payload of whole chunks, and of the part of a chunk that has arrived."""
        pieces: list[bytes] = []
        at, size = 0, len(data)
        while at < size:
            if self._left:
                piece = data[at : at + self._left]
                pieces.append(piece)
                at += len(piece)
                self._left -= len(piece)
                if self._left:
                    break
                self._chunked = True
                continue
            if self._chunked:
                if size - at < 2:
                    self._rest = data[at:]
                    break
                if data[at : at + 2] != b"\r\n":
                    raise BadResponseError(f"a chunk does not end where its size says: {data[at : at + 20]!r}")
                at, self._chunked = at + 2, False
                continue
            end = data.find(b"\r\n", at)
            if end < 0:
                if size - at > LINE_LIMIT:
                    raise BadResponseError("a chunk size line has no end")
                self._rest = data[at:]
                break
            self._left = chunk_size(data[at:end])
            at = end + 2
            if self._left == 0:
                self._state = TRAILER
                self._read_trailer(data[at:])
                break
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def _read_trailer(self, data: bytes) -> bytes:
        while True:
            end = data.find(b"\r\n")
            if end < 0:
                if len(data) > LINE_LIMIT:
                    raise BadResponseError("a trailer line has no end")
                self._rest = data
                return b""
            line, data = data[:end], data[end + 2 :]
            if not line:
                self._finish()
                return self.feed(data)


def chunk_size(line: bytes) -> int:
    digits = line.partition(b";")[0].strip()
    if not HEX.fullmatch(digits):
        raise BadResponseError(f"expected a chunk size, got {line[:40]!r}")
    return int(digits, 16)
