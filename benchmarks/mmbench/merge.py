"""Joins the raw samples of several worker processes into one load, so that every figure comes from all of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from .drive import Level, Outcome
from .sample import Sample
from .selfcheck import Reading


def merge(outcomes: Iterable[Outcome]) -> Outcome:
    """Exact, because nothing was summarised before: percentiles of percentiles do not exist."""
    parts = [each for each in outcomes if each.start_ns]
    return Outcome(
        samples=sorted((sample for each in parts for sample in each.samples), key=lambda sample: sample.index),
        idle_ns=sorted(stamp for each in parts for stamp in each.idle_ns),
        start_ns=min((each.start_ns for each in parts), default=0),
        end_ns=max((each.end_ns for each in parts), default=0),
        dead=next((each.dead for each in parts if each.dead), None),
    )


def divide(total: int, parts: int) -> list[int]:
    return [total // parts + (number < total % parts) for number in range(parts)]


def shares(level: Level, workers: int) -> list[Level]:
    """The level cut into pieces with interleaved indices, so that every request exists exactly once."""
    concurrency = divide(level.concurrency, workers)
    warm_up = divide(level.warm_up, workers)
    requests = None if level.requests is None else divide(level.requests, workers)
    return [
        Level(
            **asdict(level)
            | {
                "concurrency": concurrency[number],
                "requests": None if requests is None else requests[number],
                "warm_up": warm_up[number],
                "memory": level.memory // workers,
                "first_index": level.first_index + number * level.step,
                "step": level.step * workers,
            }
        )
        for number in range(workers)
    ]


def packed(outcome: Outcome, reading: Reading) -> dict[str, Any]:
    return {
        "samples": [each.packed() for each in outcome.samples],
        "idle_ns": outcome.idle_ns,
        "start_ns": outcome.start_ns,
        "end_ns": outcome.end_ns,
        "dead": outcome.dead,
        "reading": asdict(reading),
    }


def unpacked(data: dict[str, Any]) -> tuple[Outcome, Reading]:
    outcome = Outcome(
        [Sample.unpacked(each) for each in data["samples"]],
        data["idle_ns"],
        data["start_ns"],
        data["end_ns"],
        data["dead"],
    )
    return outcome, Reading(**data["reading"])
