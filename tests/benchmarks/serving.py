"""The truth server in a thread of this process, and the client run as a user runs it."""

from __future__ import annotations

import asyncio
import io
import json
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.client.truth_behaviour import Behaviour
from benchmarks.client.truth_server import Server
from benchmarks.mmbench.cli import main

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
RECEIPTS = BENCHMARKS / "receipts"
QUICK = {"ttft_ms": 4.0, "itl_ms": 1.0, "tokens": 6}


@dataclass
class Serving:
    url: str
    server: Server


@contextmanager
def serving(**behaviour: Any) -> Iterator[Serving]:
    loop = asyncio.new_event_loop()
    server = Server(Behaviour(**QUICK | behaviour))
    listening = loop.run_until_complete(server.listen("127.0.0.1", 0))
    port = listening.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield Serving(f"http://127.0.0.1:{port}", server)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.run_until_complete(shut(listening, server))
        loop.close()


async def shut(listening: asyncio.Server, server: Server) -> None:
    """End the server and each of its connections."""
    await others_ended()
    listening.close()
    while server.lines:
        for line in list(server.lines):
            line.transport.abort()
        await asyncio.sleep(0)
    await listening.wait_closed()


async def others_ended() -> None:
    """Wait for every other task of the loop.

    asyncio lets each visitor in by a task; a server that was closed meanwhile drops the visitor with its socket open.
    """
    while others := asyncio.all_tasks() - {asyncio.current_task()}:
        await asyncio.wait(others)


@dataclass
class Run:
    code: int
    out: str
    err: str
    folder: Path

    @property
    def result(self) -> dict[str, Any]:
        result: dict[str, Any] = json.loads((self.folder / "result.json").read_text())
        return result

    @property
    def point(self) -> dict[str, Any]:
        point: dict[str, Any] = self.result["points"][0]
        return point

    @property
    def requests(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self.folder / "requests.jsonl").read_text().splitlines()]

    @property
    def flags(self) -> set[str]:
        return {flag["id"] for flag in self.point["validity"]}


def command(kind: str, url: str, folder: Path, *options: str) -> list[str]:
    line = [sys.executable, "-W", "error", "-m", "mmbench", kind, "--base-url", url, "--run-dir", str(folder)]
    return [*line, "--progress", "lines", *options]


def bench(kind: str, url: str, folder: Path, *options: str) -> Run:
    """The same command line in this process, which saves an interpreter's start."""
    out, err = io.StringIO(), io.StringIO()
    line = [kind, "--base-url", url, "--run-dir", str(folder), "--progress", "lines"]
    line += [*(["--output-tokens", "6"] if kind == "load" else []), *options]  # the last one given counts
    with redirect_stdout(out), redirect_stderr(err):
        code = main(line)
    return Run(code, out.getvalue(), err.getvalue(), folder)
