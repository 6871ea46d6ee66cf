"""A worker process: reads an order, opens its connections, waits for the common start, sends back raw samples.

parent → worker   one JSON line: the order;   then one JSON line: {"start_ns": ...}
worker → parent   {"ready": true}, then {"counts": {...}} twice a second, then {"outcome": {...}}
"""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from dataclasses import asdict
from typing import Any

from .connection import Pool
from .drive import Stop
from .loop import run
from .merge import packed
from .order import Order, carry_out
from .progress import Tally

REPORT_EVERY = 0.5


def tell(message: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


async def work() -> None:
    order = Order.read(json.loads(sys.stdin.readline()))
    stop, tally = Stop(), Tally()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.now, f"interrupted by {name.name}")
    pool = Pool(order.target)
    workload = order.load.build(order.target)
    await pool.warm(order.level.concurrency)
    tell({"ready": True})
    order.level.start_ns = json.loads(await asyncio.to_thread(sys.stdin.readline))["start_ns"]

    async def report() -> None:
        while True:
            await asyncio.sleep(REPORT_EVERY)
            tell({"counts": asdict(tally.snapshot())})

    reporting = asyncio.create_task(report())
    outcome, reading = await carry_out(order, pool, workload, tally, stop)
    reporting.cancel()
    pool.close()
    tell({"outcome": packed(outcome, reading)})


if __name__ == "__main__":
    try:
        run(work())
    except (BrokenPipeError, ValueError):  # the parent is gone; nobody is left to tell
        sys.exit(1)
