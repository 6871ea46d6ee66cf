"""The levels of kinds that put an engine under load, and their options."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from .drive import Level
from .settings import Settings, listed, whole

MAX_CONCURRENCY = 65536
CONCURRENCY = "16"


@dataclass(slots=True)
class Levels(Settings):
    LOWEST: ClassVar[Mapping[str, float]] = {
        **Settings.LOWEST,
        "requests": 1,
        "seconds": 0.001,
        "warm_up": 0,
        "ramp_up": 0,
    }

    concurrency: str | None = None
    requests: int | None = None
    seconds: float | None = None
    warm_up: float = 1.0
    ramp_up: float = 0.0

    def levels(self) -> list[int]:
        given = CONCURRENCY if self.concurrency is None else self.concurrency
        return [whole(each, "--concurrency", MAX_CONCURRENCY) for each in listed(given, "--concurrency")]

    def closed(self, concurrency: int, usual: int, first_index: int, *, keep_text: bool) -> Level:
        """A closed level of `usual` requests, unless a number of them or a time is set."""
        return Level(
            concurrency=concurrency,
            requests=self.requests or (None if self.seconds else usual),
            seconds=self.seconds,
            warm_up=round(self.warm_up * concurrency),
            first_index=first_index,
            ramp_up_s=self.ramp_up,
            timeout_s=self.timeout,
            keep_text=keep_text,
        )

    def check(self) -> None:
        # super() without arguments does not know the class that slots make anew.
        Settings.check(self)
        self.levels()


def described(level: Level) -> dict[str, Any]:
    """A closed level, for the result."""
    return {
        "mode": "closed",
        "concurrency": level.concurrency,
        "warmup_requests": level.warm_up,
        "requests": level.requests,
        "seconds": level.seconds,
    }


def level_options(to: argparse.ArgumentParser) -> None:
    to.add_argument(
        "--concurrency",
        metavar="N,N…",
        help="closed load: so many in flight; a search begins at the first (default: 16; ocr-sweep 8,16,24,32)",
    )
    to.add_argument(
        "--requests",
        "--num-prompts",
        type=int,
        metavar="N",
        help="measured requests per level (default: load 200, or 5 waves; ocr-sweep 4 waves)",
    )
    to.add_argument("--seconds", type=float, metavar="S", help="measured time per level, instead of a number")
    to.add_argument(
        "--warm-up", type=float, default=1.0, metavar="WAVES", help="discarded waves per level (default: 1)"
    )
    to.add_argument("--ramp-up", type=float, default=0.0, metavar="S", help="spread the first starts over this time")
    to.add_argument("--slo", default="", metavar="LIMITS", help="goodput limits, as in ttft=500ms,tpot=50ms")
    to.add_argument(
        "--workers", default="auto", metavar="N", help="client processes (default: more when one saturates)"
    )
