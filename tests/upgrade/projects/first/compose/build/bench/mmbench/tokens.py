"""What the events of one answer say: first token, gaps, usage, reasoning, the reason for the end.

Three things are kept apart because tools mix them up: an event is not a token (role-only first events carry none, and
one event may carry several); reasoning is output, but not the answer; and `usage`, where it comes, is the count.
"""

from __future__ import annotations

import json
from array import array
from json import JSONDecodeError
from typing import Any

DONE = b"[DONE]"
decode = json.JSONDecoder(parse_constant=lambda _: None).decode  # NaN is no JSON, and must not reach the result


class Account:
    """Events in arrival order; `stamps` holds the arrival of every event that carried text."""

    __slots__ = (
        "bad_event",
        "done",
        "error",
        "events",
        "finish_reason",
        "first_output_ns",
        "keep_text",
        "reasoning_events",
        "stamps",
        "text",
        "timings",
        "usage",
    )

    def __init__(self, keep_text: bool = False) -> None:
        self.keep_text = keep_text
        self.stamps: array[int] = array("q")
        self.first_output_ns = 0
        self.events = 0
        self.reasoning_events = 0
        self.text: list[str] = []
        self.usage: dict[str, Any] | None = None
        self.timings: dict[str, Any] | None = None
        self.finish_reason: str | None = None
        self.done = False
        self.error: str | None = None
        self.bad_event: str | None = None

    def add(self, payload: bytes, now: int) -> None:
        self.events += 1
        try:
            event = decode(payload.decode())
            choices = event.get("choices")
            if choices:
                choice = choices[0]
                delta = choice.get("delta")
                if delta is None:
                    delta = choice.get("message") or {"content": choice.get("text")}
                content = delta.get("content")
                if content:
                    self._output(content, now)
                elif delta:
                    self._other_output(delta, now)
                if choice.get("finish_reason"):
                    self.finish_reason = str(choice["finish_reason"])
            elif choices is None:
                self._without_choices(event, now)
            if event.get("usage"):
                self.usage = dict(event["usage"])
            if event.get("timings"):
                self.timings = dict(event["timings"])
        except (
            JSONDecodeError,
            UnicodeDecodeError,
            AttributeError,
            LookupError,
            TypeError,
            ValueError,
            RecursionError,
        ):
            self._not_an_event(payload)

    def _output(self, content: Any, now: int) -> None:
        self.stamps.append(now)
        if not self.first_output_ns:
            self.first_output_ns = now
        if self.keep_text:
            self.text.append(str(content))

    def _other_output(self, delta: dict[str, Any], now: int) -> None:
        if delta.get("reasoning_content") or delta.get("reasoning"):
            self.stamps.append(now)
            self.reasoning_events += 1
        elif delta.get("tool_calls"):
            self._output(json.dumps(delta["tool_calls"]) if self.keep_text else "", now)

    def _without_choices(self, event: dict[str, Any], now: int) -> None:
        """llama.cpp's own /completion, and errors that come after the status line said 200."""
        if event.get("error"):
            problem = event["error"]
            self.error = str(problem.get("message", problem) if isinstance(problem, dict) else problem)[:500]
            return
        if event.get("content"):
            self._output(event["content"], now)
        if event.get("stop"):
            self.finish_reason = "length" if event.get("stopped_limit") or event.get("stop_type") == "limit" else "stop"
            if "tokens_predicted" in event:
                self.usage = {
                    "prompt_tokens": event.get("tokens_evaluated"),
                    "completion_tokens": event["tokens_predicted"],
                }

    def _not_an_event(self, payload: bytes) -> None:
        if payload.strip() == DONE:
            self.done = True
            self.events -= 1
        elif self.bad_event is None:
            self.bad_event = repr(payload[:200])

    @property
    def ended(self) -> bool:
        """The answer said itself that it was complete; a connection that merely closed did not."""
        return self.done or self.finish_reason is not None

    def generated(self) -> tuple[int, str]:
        """How many tokens, and who counted them: the server's usage, its timings, or (a guess) the events."""
        for source, told, key in (
            ("usage", self.usage, "completion_tokens"),
            ("timings", self.timings, "predicted_n"),
        ):
            count = (told or {}).get(key)
            if isinstance(count, int) and count >= 0:
                return count, source
        return len(self.stamps), "chunks"

    def prompt_tokens(self) -> int | None:
        for told, key in ((self.usage, "prompt_tokens"), (self.timings, "prompt_n")):
            count = (told or {}).get(key)
            if isinstance(count, int) and count >= 0:
                return count
        return None

    def detail(self, group: str, key: str) -> int | None:
        """A count inside usage's *_tokens_details, null where the server does not say."""
        details = (self.usage or {}).get(group)
        count = details.get(key) if isinstance(details, dict) else None
        return count if isinstance(count, int) else None
