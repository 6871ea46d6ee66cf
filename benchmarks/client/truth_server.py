"""An OpenAI-compatible streaming server that answers on a fixed schedule and logs its own truth.

Every token has an absolute deadline (body received + ttft + i * itl), so the lateness of one never shifts the next. The
truth is taken with CLOCK_MONOTONIC, the clock that a client on the same host uses: the last byte of each request body,
and the instant before each write of a token. A benchmark's report can then be held against what really happened.

    python -m benchmarks.client.truth_server --port 18080 --ttft-ms 50 --itl-ms 10
    GET /__truth    what happened since the last reset        POST /__reset    forget it
"""

from __future__ import annotations

import argparse
import asyncio
import signal
from typing import Any
from urllib.parse import parse_qsl

from .truth_behaviour import FAULTS, Behaviour
from .truth_line import Line
from .truth_log import Truth

try:
    import uvloop
except ImportError:
    uvloop = None  # type: ignore[assignment,unused-ignore]


class Server:
    def __init__(self, behaviour: Behaviour) -> None:
        self.behaviour = behaviour
        self.truth = Truth()
        self.waiting: list[Line] = []
        self.running: set[Line] = set()
        self.lines: set[Line] = set()
        self._events: dict[tuple[str, str, int], bytes] = {}

    def admit(self, line: Line) -> None:
        self.waiting.append(line)
        self.truth.peak = max(self.truth.peak, len(self.running) + len(self.waiting))
        self._start()

    def _start(self) -> None:
        while self.waiting and (not self.behaviour.slots or len(self.running) < self.behaviour.slots):
            line = self.waiting.pop(0)
            self.running.add(line)
            line.begin()

    def leave(self, line: Line) -> None:
        self.running.discard(line)
        if line in self.waiting:
            self.waiting.remove(line)
        self._start()

    def token_event(self, line: Line, tokens: list[str], index: int, per: int) -> bytes:
        text = tokens[index] if per == 1 else "".join(tokens[index : index + per])
        reasoning = index < self.behaviour.reasoning and line.api == "chat"
        key = (line.api, text, int(reasoning))
        known = self._events.get(key)
        if known is None:
            known = line.event_of({"reasoning_content" if reasoning else "content": text})
            if len(self._events) < 10000:
                self._events[key] = known
        return known

    def control(self, path: str) -> tuple[Any, str]:
        behaviour = self.behaviour
        path, _, query = path.partition("?")
        if path == "/__truth":
            options = {name: int(value) for name, value in parse_qsl(query)}
            step = behaviour.itl_ms * behaviour.tokens_per_event
            return self.truth.report(behaviour.ttft_ms, step, **options), "200 OK"
        if path == "/__reset":
            self.truth.reset()
            return {"reset": True}, "200 OK"
        if path in {"/health", "/v2/health/ready"}:
            return b"", "200 OK"
        if path.endswith("/models"):
            model = {"id": behaviour.model, "object": "model", "owned_by": behaviour.owned_by, "max_model_len": 32768}
            return {"object": "list", "data": [model]}, "200 OK"
        if path == "/version":
            return {"version": "1.2.3"}, "200 OK"
        if path == "/metrics":
            tokens = sum(len(each.tokens) for each in self.truth.records if each.end)
            return (
                f'vllm:num_requests_running{{model_name="{behaviour.model}"}} {len(self.running)}\n'
                f'vllm:num_requests_waiting{{model_name="{behaviour.model}"}} {len(self.waiting)}\n'
                f'vllm:generation_tokens_total{{model_name="{behaviour.model}"}} {tokens}\n'
                f'vllm:request_success_total{{finished_reason="length"}} {self.truth.counts["ok"]}\n'
            ).encode(), "200 OK"
        return {"error": "not found"}, "404 Not Found"

    async def listen(self, host: str, port: int) -> asyncio.Server:
        return await asyncio.get_running_loop().create_server(lambda: Line(self), host, port, backlog=2048)


async def serve(behaviour: Behaviour, host: str, port: int) -> None:
    server = await Server(behaviour).listen(host, port)
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    print(f"listening on {server.sockets[0].getsockname()[1]}", flush=True)
    await stop.wait()
    server.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="default: any free port, printed on standard output")
    parser.add_argument("--ttft-ms", type=float, default=50.0)
    parser.add_argument("--itl-ms", type=float, default=10.0)
    parser.add_argument("--tokens-per-event", type=int, default=1)
    parser.add_argument("--role-first", action="store_true")
    parser.add_argument("--reasoning", type=int, default=0)
    parser.add_argument("--slots", type=int, default=0)
    parser.add_argument("--verify-bodies", type=int, default=0, help="hash the images of this many requests")
    parser.add_argument(
        "--fault", action="append", default=[], metavar="KIND:N", help=f"every Nth; {', '.join(FAULTS)}"
    )
    given = vars(parser.parse_args())
    faults = {int(each.partition(":")[2]): each.partition(":")[0] for each in given.pop("fault")}
    host, port = given.pop("host"), given.pop("port")
    run = asyncio.run if uvloop is None else uvloop.run
    run(serve(Behaviour(**given, faults=faults), host, port))


if __name__ == "__main__":
    main()
