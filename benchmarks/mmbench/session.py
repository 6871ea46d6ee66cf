"""Runs from the first second to the last: the result on disk is true at every moment in between."""

from __future__ import annotations

import asyncio
import contextlib
import os
import platform
import secrets
import signal
import socket
from dataclasses import replace
from pathlib import Path
from time import monotonic_ns
from typing import Any

from . import SCHEMA, SCHEMA_MINOR, VERSION
from .connection import Pool
from .drive import Outcome, Stop
from .flags import BUSY
from .loop import NAME
from .metrics import compare
from .order import Order, carry_out
from .point import Measured, summarise
from .probe import Server, scrape
from .progress import Display, Tally
from .result import ABORTED, COMPLETE, RUNNING, RunFolder, now, run_folder
from .selfcheck import Reading, cores, cpu_quota
from .settings import Settings
from .slo import parse_slo
from .table import table
from .texts import harmless
from .workers import Crew

HOST_BLOCKS = ("target", "host", "gpus", "project")


class Session:
    """The parts that every kind needs: the pool, the folder, the result so far, the reason to stop."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.target = settings.target()
        self.stop = Stop()
        self.display = Display(settings.progress)
        self.pool = Pool(self.target)
        self.server = Server()
        self.workers = 1 if settings.workers == "auto" else int(settings.workers)
        self.zero_ns = monotonic_ns()
        self.next_index = 1000  # below are the probes
        self.result = first_result(settings, self.target.url)
        parent = Path(settings.out) if settings.out and not settings.run_dir else None
        subject = settings.label or settings.model or self.target.host
        self.folder = RunFolder(
            run_folder(parent, settings.result, subject) if parent else Path(settings.run_dir or ".")
        )
        self.save()

    def save(self) -> None:
        self.folder.write(self.result)

    def listen_for_signals(self) -> None:
        for name in (signal.SIGINT, signal.SIGTERM):
            with contextlib.suppress(NotImplementedError):
                asyncio.get_running_loop().add_signal_handler(name, self.stop.now, f"interrupted by {name.name}")

    def know_server(self, server: Server) -> None:
        self.server = server
        target = self.result["target"]
        target["server"] = server.described()
        target["model"] = {"id": self.model} | (target.get("model") or {})
        self.save()

    @property
    def model(self) -> str:
        return self.settings.model or (self.server.models[0] if self.server.models else "")

    async def measure(self, name: str, load: dict[str, Any], order: Order, score: Any = None) -> dict[str, Any]:
        """Measures one level, and again with twice the workers if the client itself was the limit and cores are
        free."""
        self.stop.measuring = True
        order = replace(order, point=name, zero_ns=self.zero_ns, journal=str(self.folder.requests))
        before = self.folder.requests.stat().st_size
        while True:
            outcome, readings, server = await self._drive(name, order)
            measured = Measured(name, load, outcome, readings, parse_slo(self.settings.slo), server)
            measured.max_error_share = self.settings.max_error_share
            if score is not None:
                measured.score = score(outcome.samples)
            point = summarise(measured)
            more = self.more_workers(point["client"], order.level.concurrency)
            if more is None or self.stop.reason is not None:
                break
            self.folder.back_to(before)
            self.display.say(f"{name}: the client was the limit; measuring again with {more} worker processes")
            self.workers = more
        self.next_index += len(outcome.samples)
        self.folder.add_series(name, outcome.samples, self.zero_ns)
        self.result["points"].append(point)
        self.save()
        self.stop.measuring = False
        return point

    def more_workers(self, client: dict[str, Any], concurrency: int) -> int | None:
        """The number of processes to try instead, if this client was the limit and cores are free; else null."""
        more = min(2 * self.workers, cores(), concurrency or cores())
        worth_it = client["saturated"] and client["cpu_share"] > BUSY
        return more if self.settings.workers == "auto" and worth_it and more > self.workers else None

    async def _drive(self, name: str, order: Order) -> tuple[Outcome, list[Reading], dict[str, Any] | None]:
        before = await scrape(self.pool, self.server.owner) if self.settings.metrics else None
        level = order.level
        total = None if level.requests is None else level.requests + level.warm_up
        workers = min(self.workers, level.concurrency or self.workers)
        if workers > 1:
            crew = Crew(order, workers)
            self.display.open(name, crew, total, level.seconds)
            outcome, readings = await crew.carry_out(self.stop)
        else:
            tally = Tally()
            workload = order.load.build(self.target)
            await self.pool.warm(level.concurrency)
            self.display.open(name, tally, total, level.seconds)
            outcome, reading = await carry_out(order, self.pool, workload, tally, self.stop)
            readings = [reading]
        self.display.close()
        after = await scrape(self.pool, self.server.owner) if before is not None else None
        return outcome, readings, compare(before, after)

    def finish(self, verdict: dict[str, Any]) -> int:
        """Writes the result for the last time; returns the exit code."""
        run = self.result["run"]
        interrupted = self.stop.reason is not None and self.stop.reason.startswith("interrupted")
        code = 130 if interrupted else 4 if self.stop.reason or not verdict["ok"] else 0
        run["status"] = ABORTED if self.stop.reason else COMPLETE
        run["exit_reason"] = self.stop.reason or (None if verdict["ok"] else "; ".join(verdict["reasons"]))
        run["exit_code"], run["finished"] = code, now()
        self.result["verdict"] = verdict
        self.save()
        return code

    def abort(self, reason: str, code: int) -> int:
        """Ends a run that cannot go on; its measurements so far stay."""
        run = self.result["run"]
        run["status"], run["exit_reason"], run["exit_code"], run["finished"] = ABORTED, reason, code, now()
        self.result["verdict"] = {"ok": False, "reasons": [reason]}
        self.save()
        return code

    def close(self) -> None:
        self.display.close()
        self.pool.close()

    def print_table(self) -> None:
        print(harmless(table(self.result)), flush=True)


def first_result(settings: Settings, url: str) -> dict[str, Any]:
    """The result before the first request, so that even a killed run is described."""
    given = settings.environment()
    extra_run = given.get("run") if isinstance(given.get("run"), dict) else {}
    started = now()
    client = {
        "python": platform.python_version(),
        "loop": NAME,
        "cores": cores(),
        "cpu_quota": cpu_quota(),
        "affinity": sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None,
        "hostname": socket.gethostname(),
    }
    result: dict[str, Any] = {
        "schema": SCHEMA,
        "schema_minor": SCHEMA_MINOR,
        "kind": settings.result,
        "run": {
            "id": f"{started[:19].replace('-', '').replace(':', '')}-{secrets.token_hex(3)}",
            "label": settings.label,
            "started": started,
            "finished": None,
            "status": RUNNING,
            "exit_reason": None,
            "exit_code": None,
            "seed": settings.seed,
            "command": settings.command,
            "tool": {"name": "mmbench", "version": VERSION},
            "client": client,
            **(extra_run or {}),
        },
        "target": {"base_url": url, "api": settings.api},
        "host": None,
        "gpus": [],
        "project": None,
        "load": {},
        "points": [],
        "verdict": None,
    }
    for block in HOST_BLOCKS:
        if block in given:
            mine = result[block]
            result[block] = (
                given[block] | mine if isinstance(mine, dict) and isinstance(given[block], dict) else given[block]
            )
    return result


def verdict(points: list[dict[str, Any]], max_error_share: float) -> dict[str, Any]:
    """Whether the run can be trusted: too many failures or wrong answers make the whole run fail."""
    reasons = []
    for point in points:
        share = point["error_share"]
        if share is not None and share > max_error_share:
            requests = point["requests"]
            classes = ", ".join(f"{name} {count}" for name, count in sorted(point["errors"].items()))
            reasons.append(
                f"{point['name']}: {requests['failed']} of {requests['ok'] + requests['failed']} failed ({classes})"
            )
        if (point.get("score") or {}).get("ok") is False:
            reasons.append(f"{point['name']}: {point['score']['reason']}")
        if point["requests"]["sent"] == 0:
            reasons.append(f"{point['name']}: nothing was measured")
    return {"ok": not reasons, "reasons": reasons}
