"""One request's measured facts. Times are CLOCK_MONOTONIC in nanoseconds, one clock for every process of a host."""

from __future__ import annotations

import base64
from array import array
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from .limits import ARRIVAL_COST

MS = 1e6

WARM_UP, MEASURED = "warmup", "measured"


@dataclass(slots=True)
class Sample:
    index: int
    phase: str = MEASURED
    label: str = ""
    intended_ns: int = 0
    sent_ns: int = 0
    first_ns: int = 0
    first_output_ns: int = 0
    last_ns: int = 0
    end_ns: int = 0
    stamps: array[int] = field(default_factory=lambda: array("q"))
    status: int = 0
    error: str | None = None
    detail: str = ""
    prompt_tokens: int | None = None
    generated_tokens: int = 0
    token_source: str = "chunks"
    token_fault: str | None = None
    beyond_limit: bool = False
    reasoning_tokens: int | None = None
    cached_tokens: int | None = None
    finish_reason: str | None = None
    body_bytes: int = 0
    reconnected: bool = False
    tries: int = 1
    streamed: bool = True
    text: str | None = None
    timings: dict[str, Any] | None = None

    @property
    def ok(self) -> bool:
        return self.error is None

    @property
    def cancelled(self) -> bool:
        return self.error == "cancelled"

    @property
    def memory(self) -> int:
        """About how many bytes this sample takes until its level is summarised."""
        return ARRIVAL_COST * len(self.stamps) + 2 * len(self.text or "")

    @property
    def ttft_ms(self) -> float | None:
        return (self.first_ns - self.intended_ns) / MS if self.first_ns else None

    @property
    def ttfo_ms(self) -> float | None:
        return (self.first_output_ns - self.intended_ns) / MS if self.first_output_ns else None

    @property
    def e2e_ms(self) -> float | None:
        return (self.end_ns - self.intended_ns) / MS if self.end_ns else None

    @property
    def queue_ms(self) -> float | None:
        return (self.sent_ns - self.intended_ns) / MS if self.sent_ns else None

    @property
    def tpot_ms(self) -> float | None:
        """Time per output token after the first: (last - first) / (tokens - 1)."""
        if self.generated_tokens < 2 or self.last_ns <= self.first_ns:
            return None
        return (self.last_ns - self.first_ns) / (self.generated_tokens - 1) / MS

    @property
    def generation_tok_per_s(self) -> float | None:
        if self.tpot_ms:
            return 1000.0 / self.tpot_ms
        reported = (self.timings or {}).get("predicted_per_second")
        return float(reported) if isinstance(reported, int | float) else None

    def line(self, zero_ns: int) -> dict[str, Any]:
        """One line of requests.jsonl; times relative to the run's first instant."""
        rounded = {
            name: None if value is None else round(value, 4)
            for name, value in (
                ("ttft_ms", self.ttft_ms),
                ("ttfo_ms", self.ttfo_ms),
                ("tpot_ms", self.tpot_ms),
                ("e2e_ms", self.e2e_ms),
                ("queue_ms", self.queue_ms),
                ("generation_tok_per_s", self.generation_tok_per_s),
            )
        }
        line = {
            "index": self.index,
            "phase": self.phase,
            "label": self.label or None,
            "ok": self.ok,
            "error": self.error,
            "detail": self.detail or None,
            "status": self.status or None,
            "start_s": round((self.intended_ns - zero_ns) / 1e9, 6),
            "wall_s": None if self.e2e_ms is None else round(self.e2e_ms / 1000, 6),
            **rounded,
            "prompt_tokens": self.prompt_tokens,
            "generated_tokens": self.generated_tokens,
            "token_source": self.token_source,
            "token_fault": self.token_fault,
            "reasoning_tokens": self.reasoning_tokens,
            "cached_tokens": self.cached_tokens,
            "events": len(self.stamps),
            "finish_reason": self.finish_reason,
            "body_bytes": self.body_bytes,
            "reconnected": self.reconnected,
            "tries": self.tries,
            "streamed": self.streamed,
            "timings": self.timings,
        }
        return line | ({"text": self.text} if self.text is not None else {})

    def packed(self) -> dict[str, Any]:
        """For the way from a worker process to its parent: plain JSON, stamps in 8 bytes each."""
        return asdict(self) | {"stamps": base64.b64encode(self.stamps.tobytes()).decode()}

    @classmethod
    def unpacked(cls, data: dict[str, Any]) -> Sample:
        stamps: array[int] = array("q")
        stamps.frombytes(base64.b64decode(data["stamps"]))
        known = {each.name for each in fields(cls)}
        return cls(**{key: value for key, value in data.items() if key in known and key != "stamps"}, stamps=stamps)
