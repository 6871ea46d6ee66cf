"""Server-sent events, split incrementally. The same bytes give the same events however they are cut."""

from __future__ import annotations

from .limits import TooLongError

EVENT_LIMIT = 4 * 1024 * 1024
FIELD_COST = 64  # what Python needs for a short line beside its bytes
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class EventTooLongError(TooLongError):
    """Reports an event without end: the client must not keep it in memory."""


class Splitter:
    """Bytes in, payloads of `data:` fields out. Comments (keep-alive pings), ids and event names are ignored."""

    __slots__ = ("_fields", "_in_fields", "_rest", "_started")

    def __init__(self) -> None:
        self._rest = b""
        self._fields: list[bytes] = []
        self._in_fields = 0
        self._started = False

    @property
    def held(self) -> int:
        """Bytes of an event that has not ended."""
        return len(self._rest) + self._in_fields

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
        """The rest of a stream that ends without a blank line (some servers close right after `[DONE]`)."""
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
        events = []
        for line in lines:
            if line:
                name, _, value = line.partition(b":")
                if name == b"data":
                    self._fields.append(value[1:] if value.startswith(b" ") else value)
                    self._in_fields += len(line) + FIELD_COST
            elif self._fields:
                events.append(b"\n".join(self._fields))
                self._fields.clear()
                self._in_fields = 0
        if self.held > EVENT_LIMIT:
            raise EventTooLongError(f"an event is longer than {EVENT_LIMIT} bytes")
        return events
