"""A stand-in engine for tests of the runner: the endpoints of a chat engine, and every way of failing, by its flags.

It runs inside a container with nothing but Python.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

STARTED = time.monotonic()


def flags() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--name", default="stand-in")
    parser.add_argument("--load-seconds", type=float, default=0.0, help="until /health says 200")
    parser.add_argument("--never-healthy", action="store_true")
    parser.add_argument("--say", default="", help="printed before anything else")
    parser.add_argument("--die-after", type=float, default=None, help="seconds until it ends")
    parser.add_argument("--code", type=int, default=3, help="with this exit code")
    parser.add_argument("--eat", type=int, default=0, help="MiB of memory taken at once")
    parser.add_argument("--write", default="", help="a file to write")
    parser.add_argument("--read", default="", help="a file to read")
    parser.add_argument("--refuse", type=int, default=0, help="the status of every chat request")
    parser.add_argument("--refuse-from", default="", help="a file with that status, while it is there")
    parser.add_argument("--think-seconds", type=float, default=0.0, help="before a whole answer")
    parser.add_argument("--key-file", default="", help="the bearer token that requests must carry")
    parser.add_argument("--answer-with", default="", help="the file that every chat answer quotes")
    return parser.parse_args()


class Desk(BaseHTTPRequestHandler):
    chosen: argparse.Namespace
    key = ""

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        well = time.monotonic() - STARTED > self.chosen.load_seconds and not self.chosen.never_healthy
        if self.path == "/health":
            self.answer(200 if well else 503, {"status": "ok" if well else "loading"})
        elif self.path == "/v1/models":
            self.answer(200, {"data": [{"id": self.chosen.name}] if well else []})
        else:
            self.answer(404, {"error": "no such path"})

    def do_POST(self) -> None:
        requested = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.key and self.headers.get("Authorization") != f"Bearer {self.key}":
            self.answer(401, {"error": "who are you?"})
        elif refused := self.refusal():
            self.answer(refused, {"error": "I would rather not"})
        elif requested.get("stream"):
            self.stream(["Paris", "."])
        else:
            time.sleep(self.chosen.think_seconds)
            self.answer(200, {"choices": [{"message": {"content": self.content()}}], "usage": {}})

    def refusal(self) -> int:
        place = Path(self.chosen.refuse_from)
        return int(place.read_text()) if self.chosen.refuse_from and place.is_file() else self.chosen.refuse

    def content(self) -> str:
        if not self.chosen.answer_with:
            return "Paris."
        return Path(self.chosen.answer_with).read_text(encoding="utf-8").strip()

    def stream(self, tokens: list[str]) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        for token in tokens:
            self.wfile.write(f"data: {json.dumps({'choices': [{'delta': {'content': token}}]})}\n\n".encode())
        self.wfile.write(b"data: [DONE]\n\n")

    def answer(self, status: int, body: object) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def main() -> None:
    chosen = flags()
    if chosen.say:
        print(chosen.say, file=sys.stderr, flush=True)
    held = b"x" * (chosen.eat << 20)
    if chosen.write:
        Path(chosen.write).write_text("", encoding="utf-8")
    if chosen.read:
        Path(chosen.read).read_bytes()
    if chosen.die_after is not None:
        time.sleep(chosen.die_after)
        sys.exit(chosen.code)
    Desk.chosen = chosen
    if chosen.key_file:
        Desk.key = Path(chosen.key_file).read_text(encoding="utf-8").strip()
    well_at = time.time() + chosen.load_seconds - (time.monotonic() - STARTED)
    print(f"serving {chosen.name} with {len(held)} bytes held, well at {well_at:.3f}", flush=True)
    ThreadingHTTPServer(("0.0.0.0", chosen.port), Desk).serve_forever()


if __name__ == "__main__":
    main()
