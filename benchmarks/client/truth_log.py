"""The log of the truth server: stamps taken just before each write, and the figures made from them."""

from __future__ import annotations

import resource
import time
from array import array
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Record:
    first_byte: float
    body_end: float
    admitted: float
    size: int
    tokens: list[str]
    stamps: array[float] = field(default_factory=lambda: array("d"))
    end: float = 0.0


class Truth:
    """The log of the events."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.records: list[Record] = []
        self.counts: dict[str, int] = {"requests": 0, "ok": 0, "disconnected": 0}
        self.peak = 0
        self.image_sha256: dict[str, int] = {}
        self.first_contact = 0.0
        self.cpu = time.process_time()

    def report(self, ttft_ms: float, step_ms: float, min_tokens: int = 0, skip: int = 0) -> dict[str, Any]:
        """The figures. Latencies leave out probes (fewer tokens than `min_tokens`) and the warm-up (the first `skip`
        requests)."""
        done = [each for each in self.records if each.end and len(each.tokens) >= min_tokens]
        span = max(each.end for each in done) - min(each.first_byte for each in done) if done else 0.0
        tokens_all = sum(len(each.tokens) for each in done)
        count_all = len(done)
        done = done[skip:]
        return {
            "counts": self.counts,
            "failed": self.counts["requests"] - self.counts["ok"],
            "first_contact": self.first_contact,
            "tokens_all": tokens_all,
            "peak_in_flight": self.peak,
            "span_s": span,
            "req_s": count_all / span if span else None,
            "tokens": sum(len(each.tokens) for each in done),
            "ttft_ms": spread([each.stamps[0] - each.body_end for each in done if each.stamps]),
            "itl_ms": spread([b - a for each in done for a, b in zip(each.stamps, each.stamps[1:], strict=False)]),
            "e2e_ms": spread([each.end - each.body_end for each in done]),
            "upload_ms": spread([each.body_end - each.first_byte for each in done]),
            "lateness_ms": spread(
                [
                    stamp - (each.admitted + (ttft_ms + step_ms * index) / 1e3)
                    for each in done
                    for index, stamp in enumerate(each.stamps)
                ]
            ),
            "body_bytes": sorted({each.size for each in self.records})[:50],
            "image_sha256": self.image_sha256,
            "cpu_s": time.process_time() - self.cpu,
            "rss_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        }


def spread(seconds: list[float]) -> dict[str, float] | None:
    if not seconds:
        return None
    ordered = sorted(seconds)

    def at(share: float) -> float:
        place = (len(ordered) - 1) * share
        low = int(place)
        high = min(low + 1, len(ordered) - 1)
        return 1e3 * (ordered[low] + (ordered[high] - ordered[low]) * (place - low))

    return {
        "n": len(ordered),
        "mean": 1e3 * sum(ordered) / len(ordered),
        "p50": at(0.5),
        "p90": at(0.9),
        "p99": at(0.99),
        "min": at(0.0),
        "max": at(1.0),
    }
