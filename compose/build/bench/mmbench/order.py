"""A level described as plain data, so that this process and a worker process do exactly the same with it."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from itertools import islice
from typing import Any

from .arrivals import ramp, renewal
from .connection import Pool
from .drive import Level, Outcome, Stop, Watcher, closed, opened
from .images import load_images
from .journal import journal
from .sample import Sample
from .selfcheck import Reading, SelfCheck
from .target import Target
from .workload import ImageLoad, TextLoad, Workload


@dataclass(slots=True)
class Arrivals:
    """An open load: a constant mean rate, or a ramp from rate to last over the level's seconds."""

    rate: float
    last: float | None = None
    burstiness: float = 1.0
    seed: int = 0

    def times(self, seconds: float | None) -> Iterator[float]:
        rng = random.Random(f"{self.seed}/arrivals/{self.rate}")
        if self.last is not None and seconds is not None:
            return ramp(self.rate, self.last, seconds, rng)
        return renewal(self.rate, self.burstiness, rng)


@dataclass(slots=True)
class Load:
    """The content to send."""

    api: str
    model: str
    options: dict[str, object]
    seed: int
    unique: bool
    length: int = 0
    images: str | None = None
    only: list[str] | None = None
    """The names of the images to send, of all in the folder."""
    prompt: str = ""
    texts: dict[str, str] | None = None
    before: list[dict[str, str]] = field(default_factory=list)
    """Earlier messages of a chat, the same before each text."""

    def build(self, target: Target) -> Workload:
        if self.images is not None:
            return ImageLoad(
                target,
                self.model,
                [each for each in load_images(self.images) if self.only is None or each.name in self.only],
                prompt=self.prompt,
                options=self.options,
                unique=self.unique,
            )
        return TextLoad(
            target,
            self.api,
            self.model,
            length=self.length,
            options=self.options,
            seed=self.seed,
            unique=self.unique,
            texts=self.texts,
            before=self.before,
        )


@dataclass(slots=True)
class Order:
    target: Target
    load: Load
    level: Level
    arrivals: Arrivals | None = None
    worker: int = 0
    workers: int = 1
    point: str = ""
    zero_ns: int = 0
    journal: str | None = None

    def data(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def read(cls, data: dict[str, Any]) -> Order:
        return cls(
            target=Target(**data["target"]),
            load=Load(**data["load"]),
            level=Level(**data["level"]),
            arrivals=None if data["arrivals"] is None else Arrivals(**data["arrivals"]),
            worker=data["worker"],
            workers=data["workers"],
            point=data["point"],
            zero_ns=data["zero_ns"],
            journal=data["journal"],
        )


@dataclass(frozen=True, slots=True)
class Both:
    """Reports a request to the listener, and keeps it."""

    watcher: Watcher
    keep: Callable[[Sample], None]

    def started(self) -> None:
        self.watcher.started()

    def finished(self, sample: Sample) -> None:
        self.watcher.finished(sample)
        self.keep(sample)


async def carry_out(
    order: Order, pool: Pool, workload: Workload, watcher: Watcher, stop: Stop
) -> tuple[Outcome, Reading]:
    """Runs the level in this process, without garbage collection and with the client's own state watched; keeps each
    request as it ends."""
    with journal(order.journal, order.point, order.zero_ns, stop.now) as keep, SelfCheck() as check:
        both = Both(watcher, keep)
        if order.arrivals is None:
            outcome = await closed(pool, workload, order.level, both, stop)
        else:
            times = islice(order.arrivals.times(order.level.seconds), order.worker, None, order.workers)
            outcome = await opened(pool, workload, order.level, times, watcher=both, stop=stop)
    return outcome, check.reading
