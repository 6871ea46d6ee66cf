"""Chat completions: canned words, counted as the interface counts them."""

from __future__ import annotations

import base64
import binascii
import struct
import time
import uuid
from collections.abc import Iterator
from typing import Any, NamedTuple


class BadRequestError(Exception):
    """A request that the engine refuses: status and words."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status, self.words = status, words


class Answer(NamedTuple):
    model: str
    words: list[str]
    prompt_tokens: int
    cut: bool
    stream: bool
    include_usage: bool

    @property
    def usage(self) -> dict[str, int]:
        spoken = len(self.words)
        return {
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": spoken,
            "total_tokens": self.prompt_tokens + spoken,
        }

    @property
    def finish(self) -> str:
        return "length" if self.cut else "stop"


def answer(body: Any, served: list[str], words: str, *, strict: bool) -> Answer:
    if not isinstance(body, dict):
        raise BadRequestError(400, "the body must be a JSON object")
    asked = body.get("model")
    if strict and asked is not None and asked not in served:
        raise BadRequestError(404, f"The model `{asked}` does not exist.")
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        raise BadRequestError(400, "messages must be a list with at least one message")
    seen, images = _read(messages)
    limit = body.get("max_completion_tokens") or body.get("max_tokens") or 10_000
    if not isinstance(limit, int) or limit < 1:
        raise BadRequestError(400, f"max_tokens must be at least 1, got {limit}.")
    said = (" ".join(images) if images else words).split()
    options = body.get("stream_options") or {}
    return Answer(
        str(asked or (served[0] if served else "")),
        said[:limit],
        max(1, seen),
        cut=len(said) > limit,
        stream=bool(body.get("stream")),
        include_usage=bool(options.get("include_usage")),
    )


def _read(messages: list[Any]) -> tuple[int, list[str]]:
    """How many words were sent, and what each image is."""
    words, images = 0, []
    for message in messages:
        content = message.get("content") if isinstance(message, dict) else None
        parts: list[Any] = content if isinstance(content, list) else [{"type": "text", "text": str(content or "")}]
        for part in parts:
            if part.get("type") == "image_url":
                images.append(f"TEST DOUBLE, reads nothing: {image_kind(part['image_url'].get('url', ''))}")
            else:
                words += len(str(part.get("text", "")).split())
    return words, images


def image_kind(url: str) -> str:
    """The size of a PNG, the number of bytes of anything else; what is no data URL is refused."""
    head, comma, data = url.partition(",")
    if not comma or not head.startswith("data:"):
        raise BadRequestError(400, "only data: URLs are read")
    try:
        image = base64.b64decode(data, validate=True)
    except binascii.Error as error:
        raise BadRequestError(400, f"the image is not valid base64: {error}") from error
    if image[:8] == b"\x89PNG\r\n\x1a\n" and len(image) >= 24:
        width, height = struct.unpack(">II", image[16:24])
        return f"png {width}x{height}"
    return f"{len(image)} bytes"


def whole(said: Answer) -> dict[str, Any]:
    message = {"role": "assistant", "content": " ".join(said.words)}
    choice = {"index": 0, "message": message, "finish_reason": said.finish}
    return _frame(said, "chat.completion") | {"choices": [choice], "usage": said.usage}


def parts(said: Answer, *, usage_at_end: bool) -> Iterator[dict[str, Any]]:
    """The parts of a stream, each with the same id; the usage last."""
    frame = _frame(said, "chat.completion.chunk")

    def part(delta: dict[str, str], finish: str | None = None) -> dict[str, Any]:
        return frame | {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}

    yield part({"role": "assistant", "content": ""})
    for place, word in enumerate(said.words):
        yield part({"content": f" {word}" if place else word})
    last = part({}, said.finish)
    yield last | {"usage": said.usage, "timings": _timings(said)} if usage_at_end else last
    if said.include_usage and not usage_at_end:
        yield frame | {"choices": [], "usage": said.usage}


def _frame(said: Answer, kind: str) -> dict[str, Any]:
    return {"id": f"chatcmpl-{uuid.uuid4().hex}", "object": kind, "created": int(time.time()), "model": said.model}


def _timings(said: Answer) -> dict[str, float]:
    """llama.cpp's; the times are made up."""
    spoken = len(said.words)
    return {"prompt_n": said.prompt_tokens, "prompt_ms": 1.0, "predicted_n": spoken, "predicted_ms": float(spoken)}
