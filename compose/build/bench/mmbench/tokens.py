"""Reads the events of one answer: first token, gaps, usage, reasoning, the reason for the end.

Three things are kept apart because tools mix them up: an event is not a token (role-only first events carry none, and
one event may carry several); reasoning is output, but not the answer; and `usage`, if it comes, is the count.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterator
from json import JSONDecodeError
from typing import Any

from .limits import ARRIVALS, LONGEST_VALUE, TEXT, TooLongError, odd

DONE = b"[DONE]"
TOKENS_PER_CHARACTER = 4  # a token may be one byte of a character
decode = json.JSONDecoder(parse_constant=lambda _: None).decode  # NaN is no JSON, and must not reach the result


class Account:
    """Events in arrival order; `stamps` holds the arrival of every event that carried text."""

    __slots__ = (
        "bad_event",
        "characters",
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
        self.characters = 0
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
                    self.finish_reason = short(choice["finish_reason"])
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

    def _arrived(self, now: int) -> None:
        self.stamps.append(now)
        if len(self.stamps) > ARRIVALS:
            raise TooLongError(f"an answer of more than {ARRIVALS} events with text")

    def _output(self, content: Any, now: int) -> None:
        self._arrived(now)
        self.characters += len(content) if isinstance(content, str) else LONGEST_VALUE
        if not self.first_output_ns:
            self.first_output_ns = now
        if self.keep_text:
            self.text.append(str(content))
            if self.characters > TEXT:
                raise TooLongError(f"an answer of more than {TEXT} characters")

    def _other_output(self, delta: dict[str, Any], now: int) -> None:
        if reasoning := delta.get("reasoning_content") or delta.get("reasoning"):
            self._arrived(now)
            self.characters += len(reasoning) if isinstance(reasoning, str) else LONGEST_VALUE
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
        """Whether the answer itself announced its end; a closed connection alone does not."""
        return self.done or self.finish_reason is not None

    def generated(self, limit: int | None = None) -> tuple[int, str]:
        """The number of tokens, and its source: the server's usage, its timings, or (a guess) the events.

        An impossible count is ignored: the answer can have at most `limit` tokens.
        """
        for source, count in self._counts("completion_tokens", "predicted_n"):
            if self._doubt(count, limit) is None:
                return int(count), source
        return len(self.stamps), "chunks"

    def prompt_tokens(self) -> int | None:
        counts = self._counts("prompt_tokens", "prompt_n")
        return next((int(count) for _, count in counts if no_count(count) is None), None)

    def impossible(self, limit: int | None = None) -> str | None:
        """The first impossible count of the server, as a message."""
        for source, count in self._counts("completion_tokens", "predicted_n"):
            if doubt := self._doubt(count, limit):
                return f"{source}: {doubt}"
        for source, count in self._counts("prompt_tokens", "prompt_n"):
            if doubt := no_count(count):
                return f"{source}: {doubt} in the prompt"
        return None

    def _counts(self, in_usage: str, in_timings: str) -> Iterator[tuple[str, Any]]:
        for source, part, key in (("usage", self.usage, in_usage), ("timings", self.timings, in_timings)):
            count = (part or {}).get(key)
            if count is not None:
                yield source, count

    def _doubt(self, count: Any, limit: int | None) -> str | None:
        if wrong := no_count(count):
            return wrong
        if count == 0 and self.stamps:
            return "0 tokens, and there was text"
        if limit is not None and count > limit and count > TOKENS_PER_CHARACTER * self.characters:
            return f"{count} tokens, of at most {limit} requested, in {self.characters} characters"
        return None

    def beyond(self, limit: int | None) -> bool:
        """Whether the server ignores the limit: more tokens than requested, and a text long enough for them."""
        return limit is not None and self.generated(limit)[0] > limit

    def odd_figures(self) -> str | None:
        """Whether figures are absurd: enormous numbers, endless groups."""
        return odd(self.usage) or odd(self.timings)

    def detail(self, group: str, key: str) -> int | None:
        """A count inside usage's *_tokens_details; null if the server does not give it."""
        details = (self.usage or {}).get(group)
        count = details.get(key) if isinstance(details, dict) else None
        return None if count is None or no_count(count) else int(count)


def no_count(value: Any) -> str | None:
    """Why this is no number of tokens; None if it is one."""
    if isinstance(value, float) and value.is_integer() and value >= 0:
        return None
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return None
    return f"{json.dumps(value)[:40]} tokens" if isinstance(value, str | int | float) else "no number of tokens"


def short(reason: Any) -> str:
    """The reason for the end if it is a word; with anything else the event is ignored."""
    if not isinstance(reason, str) or len(reason) > LONGEST_VALUE:
        raise ValueError("no reason for the end")
    return reason
