"""Server-sent events, split incrementally. The same bytes give the same events however they are cut."""

from __future__ import annotations

EVENT_LIMIT = 16 * 1024 * 1024
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class EventTooLongError(Exception):
    """An event never ends: not a stream that a client should keep in memory."""


class Splitter:
    """Bytes in, payloads of `data:` fields out. Comments (keep-alive pings), ids and event names are left aside."""

    __slots__ = ("_fields", "_rest", "_started")

    def __init__(self) -> None:
        self._rest = b""
        self._fields: list[bytes] = []
        self._started = False

    def feed(self, data: bytes) -> list[bytes]:
        if (
            not self._rest
            and not self._fields
            and data.startswith(b"data: ")
            and data.find(b"\n") == len(data) - 2
            and data.endswith(b"\n\n")
            and b"\r" not in data
        ):
            self._started = True
            return [data[6:-2]]  # the usual case: exactly one whole event
        return self._lines(data)

    def finish(self) -> list[bytes]:
        """What a stream left behind that ends without a blank line (some servers close right after `[DONE]`)."""
        return self._lines(b"\n\n") if self._rest or self._fields else []

    def _lines(self, data: bytes) -> list[bytes]:
        text = self._rest + data
        if not self._started:
            if len(text) < len(BYTE_ORDER_MARK) and BYTE_ORDER_MARK.startswith(text):
                self._rest = text
                return []
            text = text.removeprefix(BYTE_ORDER_MARK)
            self._started = True
        half = text.endswith(b"\r")  # perhaps the first half of CR LF: its line ends when the next byte is known
        if half:
            text = text[:-1]
        if b"\r" in text:
            text = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        *lines, rest = text.split(b"\n")
        self._rest = rest + b"\r" if half else rest
        if len(self._rest) > EVENT_LIMIT:
            raise EventTooLongError(f"an event is longer than {EVENT_LIMIT} bytes")
        events = []
        for line in lines:
            if line:
                name, _, value = line.partition(b":")
                if name == b"data":
                    self._fields.append(value[1:] if value.startswith(b" ") else value)
            elif self._fields:
                events.append(b"\n".join(self._fields))
                self._fields.clear()
        return events
