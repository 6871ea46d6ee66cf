"""Finds the measured window: the time with the intended load, without ramp-up and drain."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from .sample import MEASURED, WARM_UP, Sample


@dataclass(frozen=True, slots=True)
class Window:
    """The window. `steady` if the number in flight was the target throughout; else it is the whole measured run."""

    start_ns: int
    end_ns: int
    steady: bool

    @property
    def seconds(self) -> float:
        return max(0, self.end_ns - self.start_ns) / 1e9


def closed_window(samples: Sequence[Sample], idle_ns: Sequence[int]) -> Window:
    """From the end of the last warm-up request to the moment the first slot had nothing left to send."""
    measured = [each for each in samples if each.phase == MEASURED and each.end_ns]
    if not measured:
        return Window(0, 0, steady=False)
    begin, end = min(each.intended_ns for each in measured), max(each.end_ns for each in measured)
    warm = [each.end_ns for each in samples if each.phase == WARM_UP]
    start, stop = max([begin, *warm]), min([end, *idle_ns])
    middle = sorted(each.end_ns - each.intended_ns for each in measured)[(len(measured) - 1) // 2]
    if warm and stop - start >= middle:  # shorter than one request: too short to speak for the load
        return Window(start, stop, steady=True)
    return Window(begin, end, steady=False)


def open_window(samples: Sequence[Sample]) -> Window:
    """From the first to the last intended start of an open load."""
    measured = [each for each in samples if each.phase == MEASURED]
    if not measured:
        return Window(0, 0, steady=False)
    starts = [each.intended_ns for each in measured]
    if max(starts) > min(starts):
        return Window(min(starts), max(starts), steady=True)
    return Window(min(starts), max(each.end_ns for each in measured), steady=False)


def tokens_inside(samples: Sequence[Sample], window: Window) -> float:
    """The tokens that arrived in the window; if an event carries several tokens, its share of the request's count."""
    total = 0.0
    for each in samples:
        if not each.ok:
            continue
        if each.streamed and each.stamps:
            inside = bisect_right(each.stamps, window.end_ns) - bisect_left(each.stamps, window.start_ns)
            total += inside * each.generated_tokens / len(each.stamps)
        elif window.start_ns <= each.end_ns <= window.end_ns:
            total += each.generated_tokens
    return total


def ended_inside(samples: Sequence[Sample], window: Window) -> list[Sample]:
    return [each for each in samples if each.end_ns and window.start_ns < each.end_ns <= window.end_ns]


def in_flight_mean(samples: Sequence[Sample], window: Window) -> float:
    if window.end_ns <= window.start_ns:
        return 0.0
    busy = sum(
        max(0, min(each.end_ns, window.end_ns) - max(each.intended_ns, window.start_ns))
        for each in samples
        if each.end_ns
    )
    return busy / (window.end_ns - window.start_ns)


def per_second(samples: Sequence[Sample], zero_ns: int) -> list[dict[str, float]]:
    """One row per second since the run began: in flight, ended, failed, tokens. For the time line of a report."""
    if not samples:
        return []
    first = min(each.intended_ns for each in samples)
    last = max(max(each.end_ns, each.intended_ns) for each in samples)
    count = int((last - first) / 1e9) + 1
    rows = [
        {"t": round((first - zero_ns) / 1e9 + second, 3), "in_flight": 0.0, "ended": 0, "failed": 0, "tokens": 0.0}
        for second in range(count)
    ]
    for each in samples:
        weight = each.generated_tokens / len(each.stamps) if each.stamps else 0.0
        for stamp in each.stamps:
            rows[min(count - 1, (stamp - first) // 1_000_000_000)]["tokens"] += weight
        if not each.end_ns:
            continue
        rows[(each.end_ns - first) // 1_000_000_000]["ended" if each.ok else "failed"] += 1
        for second in range((each.intended_ns - first) // 1_000_000_000, (each.end_ns - first) // 1_000_000_000 + 1):
            begin, end = first + second * 1_000_000_000, first + (second + 1) * 1_000_000_000
            rows[second]["in_flight"] += max(0, min(each.end_ns, end) - max(each.intended_ns, begin)) / 1e9
    return rows
