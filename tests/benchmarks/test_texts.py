"""A server may say anything: the result is written, it is UTF-8, and the terminal is left alone."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from benchmarks.mmbench.texts import as_json, harmless

from .serving import bench
from .test_result_schema import problems

HALF = rb'data: {"choices":[{"delta":{"content":"a\ud83d"}}]}' + b"\n\ndata: [DONE]\n\n"
MOVES = b"</script>\x1b]0;title\x07\x1b[2J"


@contextmanager
def saying(status: int, body: bytes, kind: str = "text/event-stream") -> Iterator[str]:
    class Talker(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            pass

        def answer(self, status: int, body: bytes, kind: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            self.answer(200, rb'{"data": [{"id": "m\ud800"}]}', "application/json")

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.answer(status, body, kind)

    with ThreadingHTTPServer(("127.0.0.1", 0), Talker) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [(200, HALF, 0), (500, MOVES, 4), (500, rb'{"error": {"message": "x\ud800\u001b[31m"}}', 4)],
)
def test_what_a_server_says_breaks_neither_file_nor_terminal(
    tmp_path: Path, status: int, body: bytes, code: int
) -> None:
    with saying(status, body) as url:
        run = bench("load", url, tmp_path, "--concurrency", "1", "--requests", "3", "--warm-up", "0")
    assert run.code == code, run.err
    assert problems(run.result) == []
    assert run.result["target"]["server"]["models"] == ["m\ufffd"]
    assert len(run.requests) == 3
    assert "\x1b" not in run.out
    assert "\x1b" not in json.dumps(run.point["error_examples"], ensure_ascii=False)


def test_lines_and_tabs_stay_and_every_character_of_a_language() -> None:
    assert harmless("a\tb\nü 日本 😀") == "a\tb\nü 日本 😀"
    assert harmless("\x1b[31m\x9b\u202e\ud800\r") == "\ufffd[31m" + 4 * "\ufffd"
    assert as_json({"a\ud800": "\x1b"}) == '{"a\ufffd": "\\u001b"}'


def test_results_that_cannot_be_written_are_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with saying(200, HALF) as url:
        monkeypatch.setattr("benchmarks.mmbench.result.RunFolder.add_series", full)
        run = bench("load", url, tmp_path, "--concurrency", "1", "--requests", "3", "--warm-up", "0")
    assert run.code == 4
    assert "the results cannot be written: No space left on device" in run.err
    assert run.result["run"]["status"] == "aborted"
