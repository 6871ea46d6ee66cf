"""Runs several worker processes for one level, where one core is not enough for the load."""

from __future__ import annotations

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, Process
from dataclasses import replace
from pathlib import Path
from time import monotonic_ns
from typing import cast

from .drive import Outcome, Stop
from .merge import merge, shares, unpacked
from .order import Order
from .progress import Counts, added
from .selfcheck import Reading

LINE_LIMIT = 2**31
LEAD_NS = 100_000_000
STOP_EVERY = 0.1


class WorkerFailedError(RuntimeError):
    """Reports a worker process that ended without an outcome."""


class Crew:
    """Starts the workers, gives them one start time, collects their raw samples."""

    def __init__(self, order: Order, workers: int) -> None:
        self._orders = [
            replace(order, level=level, worker=number, workers=workers)
            for number, level in enumerate(shares(order.level, workers))
        ]
        self._counts = [Counts() for _ in self._orders]
        self._results: list[tuple[Outcome, Reading]] = []
        self._starts: asyncio.Queue[None] = asyncio.Queue()
        self._go = asyncio.Event()
        self._start_ns = 0

    def snapshot(self) -> Counts:
        return added(self._counts)

    async def carry_out(self, stop: Stop) -> tuple[Outcome, list[Reading]]:
        package = Path(__file__).parent
        processes = [
            await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                f"{package.name}.worker",
                stdin=PIPE,
                stdout=PIPE,
                limit=LINE_LIMIT,
                cwd=package.parent,
            )
            for _ in self._orders
        ]
        watch = asyncio.create_task(self._pass_on(stop, processes))
        try:
            follow = [asyncio.create_task(self._follow(number, each)) for number, each in enumerate(processes)]
            ready = asyncio.create_task(self._all_ready())
            await asyncio.wait([ready, *follow], return_when=asyncio.FIRST_COMPLETED)
            await asyncio.gather(*follow)
            ready.cancel()
        finally:
            watch.cancel()
            for each in processes:
                if each.returncode is None:
                    each.kill()
                await each.wait()
        outcome = merge(result for result, _ in self._results)
        outcome.dead = stop.reason or outcome.dead
        return outcome, [reading for _, reading in self._results]

    async def _all_ready(self) -> None:
        for _ in self._orders:
            await self._starts.get()
        self._start_ns = monotonic_ns() + LEAD_NS
        self._go.set()

    async def _follow(self, number: int, process: Process) -> None:
        to_worker, from_worker = cast(asyncio.StreamWriter, process.stdin), cast(asyncio.StreamReader, process.stdout)
        to_worker.write(json.dumps(self._orders[number].data()).encode() + b"\n")
        async for line in from_worker:
            message = json.loads(line)
            if "ready" in message:
                self._starts.put_nowait(None)
                await self._go.wait()
                to_worker.write(json.dumps({"start_ns": self._start_ns}).encode() + b"\n")
            elif "counts" in message:
                self._counts[number] = Counts(**message["counts"])
            else:
                self._results.append(unpacked(message["outcome"]))
                return
        self._go.set()
        raise WorkerFailedError(f"worker process {number} ended (exit code {await process.wait()}) without an outcome")

    async def _pass_on(self, stop: Stop, processes: list[Process]) -> None:
        """Ends the load of all workers after an interrupt of this process; they still hand over their samples."""
        while stop.reason is None:
            await asyncio.sleep(STOP_EVERY)
        for each in processes:
            if each.returncode is None:
                each.terminate()
