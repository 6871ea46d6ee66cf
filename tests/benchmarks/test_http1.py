from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.mmbench.http1 import BadResponseError, ResponseReader

CHUNKED = (
    b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n4;ext=1\r\nabcd\r\nA\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n"
)
SIZED = b"HTTP/1.1 500 Oops\r\nContent-Length: 5\r\nConnection: close\r\n\r\nerror"


def read(pieces: list[bytes]) -> tuple[ResponseReader, bytes]:
    reader = ResponseReader()
    return reader, b"".join(reader.feed(piece) for piece in pieces)


@pytest.mark.parametrize("at", range(len(CHUNKED) + 1))
def test_a_chunked_body_cut_at_any_byte_is_the_same_body(at: int) -> None:
    reader, body = read([CHUNKED[:at], CHUNKED[at:]])
    assert (reader.status, body, reader.done, reader.reusable) == (200, b"abcd0123456789", True, True)


@pytest.mark.parametrize("at", range(len(SIZED) + 1))
def test_a_sized_body_cut_at_any_byte_is_the_same_body(at: int) -> None:
    reader, body = read([SIZED[:at], SIZED[at:]])
    assert (reader.status, body, reader.done, reader.reusable) == (500, b"error", True, False)


@given(st.lists(st.binary(min_size=1, max_size=300), max_size=6), st.lists(st.integers(0, 2000), max_size=10))
def test_any_chunks_come_back_however_they_are_cut(chunks: list[bytes], cuts: list[int]) -> None:
    body = b"".join(b"%x\r\n%s\r\n" % (len(each), each) for each in chunks) + b"0\r\n\r\n"
    stream = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body
    edges = sorted({0, len(stream), *(cut for cut in cuts if cut < len(stream))})
    reader, got = read([stream[a:b] for a, b in pairwise(edges)])
    assert got == b"".join(chunks)
    assert reader.done


def test_a_body_without_a_length_ends_with_the_connection() -> None:
    reader, body = read([b"HTTP/1.1 200 OK\r\n\r\nall ", b"of it"])
    assert body == b"all of it"
    assert not reader.done
    assert reader.closed()


def test_a_chunked_body_that_just_stops_has_not_ended() -> None:
    reader, _ = read([CHUNKED[:-2]])
    assert not reader.closed()


def test_no_content_has_no_body() -> None:
    reader, body = read([b"HTTP/1.1 204 No Content\r\n\r\n"])
    assert reader.done
    assert body == b""


def test_bytes_after_the_end_make_the_connection_unusable() -> None:
    reader, body = read([b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200"])
    assert body == b"ok"
    assert not reader.reusable


@pytest.mark.parametrize(
    "garbage",
    [
        b"SMTP ready\r\n\r\n",
        b"HTTP/2 200\r\n\r\n",
        b"HTTP/1.1 abc\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nnot a header\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: \xb2\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabXX",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1" * 5000,
        b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 20000,
        b"\x16\x03\x01\x02\x00\x01\x00\x01",
    ],
)
def test_what_is_not_http_is_refused(garbage: bytes) -> None:
    with pytest.raises(BadResponseError):
        read([garbage])


@given(st.binary(max_size=400))
def test_no_bytes_whatever_make_the_reader_fail_in_another_way(data: bytes) -> None:
    for stream in (data, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + data):
        try:
            read([stream])
        except BadResponseError:
            continue
