"""The two load models: a closed loop (so many in flight) and open arrivals (so many per second)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from time import monotonic_ns
from typing import Any, Protocol

from .connection import Pool
from .limits import KEPT
from .request import CONNECTION_ERRORS, OUT_OF_FILES, Plan, perform
from .sample import MEASURED, WARM_UP, Sample
from .workload import Workload

DEAD_AFTER = 20
PAUSE_S, LONGEST_PAUSE_S = 0.5, 8.0
TRY_LATER = (408, 425, 429)


class Watcher(Protocol):
    """Learns of every start and end; must be quick."""

    def started(self) -> None: ...

    def finished(self, sample: Sample) -> None: ...


@dataclass(slots=True)
class Level:
    """One point of a sweep, or one worker's share of it."""

    concurrency: int
    requests: int | None
    seconds: float | None
    warm_up: int
    first_index: int = 0
    step: int = 1
    ramp_up_s: float = 0.0
    timeout_s: float = 300.0
    keep_text: bool = False
    start_ns: int = 0
    memory: int = KEPT
    retries: int = 0
    """How often a request is sent again; a load test must not hide a failure by a second try."""


@dataclass(slots=True)
class Outcome:
    samples: list[Sample] = field(default_factory=list)
    idle_ns: list[int] = field(default_factory=list)
    start_ns: int = 0
    end_ns: int = 0
    dead: str | None = None
    memory: int = 0

    def add(self, sample: Sample) -> None:
        self.samples.append(sample)
        self.memory += sample.memory


class Stop:
    """The reason to end the load early: an interrupt, or a server that is gone."""

    def __init__(self) -> None:
        self.reason: str | None = None
        self.measuring = False
        self._whole: asyncio.Task[Any] | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self._refused = 0

    def now(self, reason: str) -> None:
        if self.reason is None:
            self.reason = reason
            for task in self._tasks:
                task.cancel()
            if self._whole is not None and not self.measuring:
                self._whole.cancel()

    def guard(self, whole: asyncio.Task[Any]) -> None:
        """Runs the load: cancelled while it waits for a server, never while a level's samples are unwritten."""
        self._whole = whole

    def watch(self, task: asyncio.Task[Any]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def judge(self, sample: Sample, patience: int) -> None:
        """Stops the load at a dead server, which refuses connections at once: a run must not waste its requests in
        milliseconds."""
        if sample.error in CONNECTION_ERRORS or sample.error == "no_answer":
            self._refused += 1
            if self._refused >= patience:
                self.now(
                    f"the server is gone: {self._refused} requests in a row ended with {sample.error} ({sample.detail})"
                )
        elif sample.error == OUT_OF_FILES:
            self.now(sample.detail)
        elif not sample.cancelled:
            self._refused = 0

    def weigh(self, outcome: Outcome, level: Level) -> None:
        """Limits the memory for the answers of a level, all of which are needed for the figures."""
        if outcome.memory > level.memory:
            self.now(
                f"{len(outcome.samples)} answers are more than this client keeps for one level: measure it shorter"
            )


async def closed(pool: Pool, load: Workload, level: Level, watcher: Watcher, stop: Stop) -> Outcome:
    """The closed load: every slot sends its next request when its last one has ended; the first ones are warm-up."""
    outcome = Outcome(start_ns=max(monotonic_ns(), level.start_ns))
    plans = numbered(load, level, outcome)
    patience = max(DEAD_AFTER, 2 * level.concurrency)

    async def slot(number: int) -> None:
        wait = (outcome.start_ns - monotonic_ns()) / 1e9 + level.ramp_up_s * number / level.concurrency
        if wait > 0:
            await asyncio.sleep(wait)
        for plan in plans:
            if stop.reason is not None:
                break
            watcher.started()
            sample = await perform_again(pool, plan, level)
            outcome.add(sample)
            watcher.finished(sample)
            stop.judge(sample, patience)
            stop.weigh(outcome, level)
        outcome.idle_ns.append(monotonic_ns())

    slots = [asyncio.create_task(slot(number)) for number in range(level.concurrency)]
    for task in slots:
        stop.watch(task)
    await all_of(slots)
    return ended(outcome, stop)


async def perform_again(pool: Pool, plan: Plan, level: Level) -> Sample:
    """Sends a request, and again after a pause where it failed in a way that may pass."""
    tries = 0
    while True:
        sample = await perform(pool, plan, level.timeout_s, level.keep_text)
        tries += 1
        sample.tries = tries
        if sample.ok or tries > level.retries or not may_pass(sample):
            return sample
        try:
            await asyncio.sleep(min(PAUSE_S * 2 ** (tries - 1), LONGEST_PAUSE_S))
        except asyncio.CancelledError:
            return sample


def may_pass(sample: Sample) -> bool:
    """Whether the same request may succeed later: the server was unreachable, busy or broken, and neither refused it
    nor answered with nothing."""
    if sample.cancelled or sample.error == "empty":
        return False
    return sample.status in TRY_LATER or sample.status >= 500 or sample.status in {0, 200}


def numbered(load: Workload, level: Level, outcome: Outcome) -> Iterator[Plan]:
    """The requests of a level: warm-up first, then measured ones until the wanted number, or until the time is over."""
    made, deadline = 0, None
    while True:
        phase = WARM_UP if made < level.warm_up else MEASURED
        if phase == MEASURED:
            if deadline is None and level.seconds is not None:
                deadline = max(monotonic_ns(), outcome.start_ns) + int(level.seconds * 1e9)
            if level.requests is not None and made >= level.warm_up + level.requests:
                return
            if deadline is not None and monotonic_ns() >= deadline:
                return
        plan = load.plan(level.first_index + made * level.step)
        plan.phase = phase
        made += 1
        yield plan


async def opened(
    pool: Pool, load: Workload, level: Level, arrivals: Iterator[float], *, watcher: Watcher, stop: Stop
) -> Outcome:
    """The open load: requests start at their intended times, whatever the server does; a limit on those in flight
    makes them wait."""
    outcome = Outcome(start_ns=max(monotonic_ns(), level.start_ns))
    room = asyncio.Semaphore(level.concurrency) if level.concurrency else None
    tasks: set[asyncio.Task[None]] = set()

    async def one(plan: Plan) -> None:
        if room is None:
            await send(plan)
        else:
            async with room:
                await send(plan)

    async def send(plan: Plan) -> None:
        watcher.started()
        sample = await perform(pool, plan, level.timeout_s, level.keep_text)
        outcome.add(sample)
        watcher.finished(sample)
        stop.judge(sample, DEAD_AFTER)
        stop.weigh(outcome, level)

    async def schedule() -> None:
        for made, offset in enumerate(arrivals):
            if level.requests is not None and made >= level.requests:
                break
            if level.seconds is not None and offset > level.seconds:
                break
            plan = load.plan(level.first_index + made * level.step)
            plan.intended_ns = outcome.start_ns + int(offset * 1e9)
            wait = (plan.intended_ns - monotonic_ns()) / 1e9
            if wait > 0:
                await asyncio.sleep(wait)
            task = asyncio.create_task(one(plan))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
            stop.watch(task)

    scheduler = asyncio.create_task(schedule())
    stop.watch(scheduler)
    await all_of([scheduler])
    outcome.idle_ns.append(monotonic_ns())
    await all_of(tasks)
    return ended(outcome, stop)


async def all_of(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Waits for all. A cancelled one means that the load was stopped; any other exception is a bug of this client."""
    for end in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(end, Exception):
            raise end


def ended(outcome: Outcome, stop: Stop) -> Outcome:
    outcome.end_ns = monotonic_ns()
    outcome.dead = stop.reason
    return outcome
