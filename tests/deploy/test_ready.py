"""Readiness against small servers of the test's own: each phase is reached when it is so, and not before."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from mmcompose.deploy.ready.questions import LONGEST_PAUSE, RefusedError, Watch
from mmcompose.deploy.ready.talk import Address, NoAnswerError, get
from mmcompose.model import Probe
from tests.services.conftest import eventually

CHAT = Probe("chat", "/v1/chat/completions", "/health", "/v1/models")
OVMS = Probe("chat", "/v3/chat/completions", "/v2/health/live", "/v1/config", "AVAILABLE")
SEGMENT = Probe("segment", "/segment", "/health")

Reply = tuple[int, str, bytes]
Script = dict[str, list[Reply]]


def printed(data: Any, status: int = 200) -> Reply:
    return status, "application/json", json.dumps(data).encode()


def events(*items: Any) -> Reply:
    return (
        200,
        "text/event-stream",
        b"".join(f"data: {json.dumps(item)}\n\n".encode() for item in items) + b"data: [DONE]\n\n",
    )


def token(text: str) -> dict[str, Any]:
    return {"choices": [{"delta": {"content": text}}]}


NOTHING = {"choices": [{"delta": {}, "finish_reason": "stop"}]}
MODELS = printed({"data": [{"id": "m"}]})
WELL = printed({"status": "ok"})


class Requests(list[tuple[str, Any]]):
    """Paths with the keys that came along; `bodies` are what was posted."""

    def __init__(self) -> None:
        super().__init__()
        self.bodies: list[dict[str, Any]] = []


@contextmanager
def serving(script: Script, silent: str = "") -> Iterator[tuple[Address, Requests]]:
    """Each path answers what its list says, the last one for ever; a silent one never does. Yields where, and what was
    asked."""
    requested, over = Requests(), threading.Event()

    class Desk(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            requested.append((self.path, self.headers.get("Authorization")))
            if self.path == silent:
                over.wait(60)
                return
            replies = script.get(self.path, [printed({}, 404)])
            status, kind, body = replies.pop(0) if len(replies) > 1 else replies[0]
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            requested.bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.do_GET()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Desk)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield Address("127.0.0.1", server.server_address[1]), requested
    finally:
        over.set()
        server.shutdown()
        server.server_close()
        thread.join()


def watching(
    address: Address, probe: Probe = CHAT, name: str | None = "m", most: int = 50
) -> tuple[Watch, list[float]]:
    """A watch that never sleeps; the pauses that it wanted are written down."""
    pauses: list[float] = []

    def pause(seconds: float) -> bool:
        pauses.append(seconds)
        return len(pauses) < most

    return Watch(address, probe, name, None, lambda: sum(pauses), pause), pauses


def reached(watch: Watch) -> list[tuple[str, str]]:
    return [(step.phase, step.text) for step in watch.run()]


def test_the_phases_are_reached_one_after_the_other() -> None:
    script = {
        "/health": [printed({}, 503), printed({}, 503), WELL],
        "/v1/models": [printed({"data": []}), MODELS],
        "/v1/chat/completions": [events({"choices": [{"delta": {"role": "assistant"}}]}, token("Paris"))],
    }
    with serving(script) as (address, requested):
        watch, _ = watching(address)
        assert reached(watch) == [("port", ""), ("health", ""), ("model", "m"), ("token", "Paris")]
    assert [path for path, _ in requested].count("/v1/chat/completions") == 1


def test_pauses_grow_from_short_ones_and_never_so_long_that_the_telling_would_be_late() -> None:
    with serving({"/health": [WELL, *[printed({}, 503)] * 40, WELL]}) as (address, _):
        watch, pauses = watching(address, Probe("none", None, "/health"))
        assert [phase for phase, _ in reached(watch)] == ["port", "health"]
    assert pauses[0] == 0.02
    assert pauses == sorted(pauses)
    assert max(pauses) == LONGEST_PAUSE < 0.3


def test_nobody_there_is_no_answer_and_is_reported() -> None:
    with serving({}) as (address, _):
        pass
    watch, pauses = watching(address, most=3)
    assert reached(watch) == []
    assert len(pauses) == 3
    assert "refused" in watch.last


def test_somebody_who_speaks_no_http_is_no_answer() -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        thread = threading.Thread(target=lambda: _hang_up(listening))
        thread.start()
        with pytest.raises(NoAnswerError):
            get(Address(*listening.getsockname()), "/health", 5)
        thread.join()


def _hang_up(listening: Any) -> None:
    connection, _ = listening.accept()
    connection.sendall(b"SSH-2.0-nothing\r\n")
    connection.close()


def test_another_model_on_the_port_is_not_ours() -> None:
    with serving({"/health": [WELL], "/v1/models": [printed({"data": [{"id": "theirs"}]})]}) as (address, _):
        watch, _ = watching(address, most=4)
        assert [phase for phase, _ in reached(watch)] == ["port", "health"]
        assert "does not list m yet" in watch.last


def test_a_model_server_counts_by_its_states() -> None:
    def state(term: str) -> Reply:
        return printed({"vlm": {"model_version_status": [{"version": "1", "state": term}]}})

    script = {
        "/v2/health/live": [WELL],
        "/v1/config": [printed({}), state("LOADING"), state("AVAILABLE")],
        "/v3/chat/completions": [events(token("a"))],
    }
    with serving(script) as (address, _):
        watch, pauses = watching(address, OVMS, "vlm")
        assert [phase for phase, _ in reached(watch)] == ["port", "health", "model", "token"]
    assert len(pauses) == 2


@pytest.mark.parametrize(
    ("reply", "text"),
    [
        (events(token(""), token("x")), "x"),
        (events({"choices": [{"delta": {"reasoning_content": "hm"}}]}), "hm"),
        (printed({"choices": [{"message": {"content": "whole"}}]}), "whole"),
        (events("odd", 3, token("y")), "y"),
    ],
    ids=["an empty one first", "a thinking model", "not streamed", "odd events between"],
)
def test_what_counts_as_a_first_token(reply: Reply, text: str) -> None:
    with serving({"/health": [WELL], "/v1/models": [MODELS], "/v1/chat/completions": [reply]}) as (address, _):
        assert reached(watching(address)[0])[-1] == ("token", text)


@pytest.mark.parametrize(
    ("reply", "arguments"),
    [
        (printed({"error": "no such model"}, 404), "answered 404"),
        (printed({"error": "key?"}, 401), "answered 401"),
        (events({"error": {"message": "out of memory"}}), "broke off"),
        (printed({"error": "cuda"}, 500), "answered 500"),
        (events(), "ended without an answer, 5 times"),
        (events(NOTHING), "/v1/chat/completions answered with an empty text, 5 times"),
        (events(token(""), NOTHING, {"choices": [], "usage": {"completion_tokens": 9}}), "with an empty text"),
        (printed({"choices": [{"message": {"role": "assistant", "content": ""}}]}), "with an empty text"),
        (printed({"choices": [{"message": "x"}]}), "answered 200"),
        (printed({"choices": [{"message": None, "text": 3}]}), "answered 200"),
        ((200, "text/html", b"<html>a router</html>"), "a router"),
    ],
    ids=[
        "unknown model",
        "no key",
        "an error in the stream",
        "always 500",
        "an empty stream",
        "nothing to say",
        "words that are none",
        "an empty message",
        "no message",
        "no text",
        "somebody else",
    ],
)
def test_an_engine_that_refuses_a_right_request_is_not_waited_for(reply: Reply, arguments: str) -> None:
    with serving({"/health": [WELL], "/v1/models": [MODELS], "/v1/chat/completions": [reply]}) as (address, _):
        watch, _ = watching(address)
        with pytest.raises(RefusedError, match=arguments):
            list(watch.run())


def test_a_model_that_thinks_first_is_given_room_for_a_text() -> None:
    """Its first token may be one that opens its thoughts and that nobody is shown."""
    replies = [events(NOTHING), events(token(""), NOTHING), events(token("so"))]
    with serving({"/health": [WELL], "/v1/models": [MODELS], "/v1/chat/completions": replies}) as (address, requested):
        assert reached(watching(address)[0])[-1] == ("token", "so")
    assert [body["max_tokens"] for body in requested.bodies] == [1, 8, 64]


def test_the_request_that_hangs_is_the_one_that_is_named() -> None:
    with serving({"/health": [WELL], "/v1/models": [MODELS]}, silent="/v1/chat/completions") as (address, _):
        watch = Watch(address, CHAT, "m", None, time.monotonic, lambda _: False)
        threading.Thread(target=lambda: list(watch.run()), daemon=True).start()
        assert eventually(lambda: watch.last_answer.startswith("/v1/chat/completions has given no answer for"), 30)


def test_one_fault_and_a_busy_sign_are_forgiven() -> None:
    replies = [printed({}, 500), printed({}, 429), printed({}, 503), events(token("late"))]
    with serving({"/health": [WELL], "/v1/models": [MODELS], "/v1/chat/completions": replies}) as (address, _):
        assert reached(watching(address)[0])[-1] == ("token", "late")


def test_an_image_is_the_question_for_a_segmenter() -> None:
    with serving({"/health": [WELL], "/segment": [printed({"masks": [1, 2]})]}) as (address, _):
        assert reached(watching(address, SEGMENT)[0])[-1] == ("token", "2 masks")


def test_the_key_goes_with_every_question() -> None:
    with serving({"/health": [WELL]}) as (address, requested):
        list(Watch(address, Probe("none", None, "/health"), None, "sesame", lambda: 0.0, lambda _: False).run())
    assert {key for _, key in requested} == {"Bearer sesame"}


def test_no_proxy_of_the_shell_stands_between(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with serving({"/health": [WELL]}) as (address, _):
        assert get(address, "/health", 5).status == 200
