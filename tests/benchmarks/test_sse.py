from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.mmbench import sse
from benchmarks.mmbench.sse import EventTooLongError, Splitter

STREAM = (
    b'\xef\xbb\xbf: ping\r\n\r\nevent: message\ndata: {"a": 1}\n\nid: 7\ndata:no space\n\n'
    b"data: two\r\ndata: lines\r\n\r\ndata\n\n\n\ndata: caf\xc3\xa9\r\rdata: [DONE]\n\n"
)
EVENTS = [b'{"a": 1}', b"no space", b"two\nlines", b"", "café".encode(), b"[DONE]"]


def split(pieces: list[bytes]) -> list[bytes]:
    splitter = Splitter()
    events = [event for piece in pieces for event in splitter.feed(piece)]
    return events + splitter.finish()


def test_a_whole_stream_gives_its_events() -> None:
    assert split([STREAM]) == EVENTS


@pytest.mark.parametrize("at", range(len(STREAM) + 1))
def test_a_stream_cut_at_any_byte_gives_the_same_events(at: int) -> None:
    assert split([STREAM[:at], STREAM[at:]]) == EVENTS


def test_a_stream_that_comes_byte_by_byte_gives_the_same_events() -> None:
    assert split([STREAM[i : i + 1] for i in range(len(STREAM))]) == EVENTS


@given(
    st.lists(st.binary(max_size=40).filter(lambda text: b"\n" not in text and b"\r" not in text), max_size=8),
    st.sampled_from([b"\n", b"\r\n", b"\r"]),
    st.lists(st.integers(0, 600), max_size=12),
)
def test_any_payloads_come_back_however_they_are_cut(payloads: list[bytes], end: bytes, cuts: list[int]) -> None:
    stream = b"".join(b"data: " + payload + end + end for payload in payloads)
    edges = sorted({0, len(stream), *(cut for cut in cuts if cut < len(stream))})
    pieces = [stream[a:b] for a, b in pairwise(edges)]
    assert split(pieces) == payloads


def test_the_usual_single_event_and_the_careful_way_agree() -> None:
    usual = Splitter().feed(b'data: {"x": "y"}\n\n')
    careful = Splitter()
    assert usual == [*careful.feed(b'data: {"x": '), *careful.feed(b'"y"}\n\n')]


def test_a_stream_that_ends_without_a_blank_line_still_gives_its_last_event() -> None:
    splitter = Splitter()
    assert splitter.feed(b"data: [DONE]") == []
    assert splitter.finish() == [b"[DONE]"]
    assert splitter.finish() == []


def test_an_endless_line_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sse, "EVENT_LIMIT", 100)
    splitter = Splitter()
    splitter.feed(b"data: " + b"and so on " * 9)
    with pytest.raises(EventTooLongError):
        splitter.feed(b"and so on")
