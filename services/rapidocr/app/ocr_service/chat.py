"""The part of the OpenAI chat interface that OCR can mean: images in, their text out, whole or line by line."""

from __future__ import annotations

import json
import time
import uuid
from dataclasses import dataclass, field

from service_kit.refusals import Refusal
from service_kit.uploads import from_data_url, json_kind

PAGE_BREAK = "\n\n"
IGNORED_PARTS = ("text", "refusal")


@dataclass(frozen=True)
class ChatRequest:
    images: tuple[bytes, ...]
    stream: bool = False
    include_usage: bool = False


def parse_chat(body: dict[str, object], model: str, max_images: int, max_image_bytes: int) -> ChatRequest:
    """The images of a request. Sampling options and prompts have no meaning here and are ignored."""
    requested = body.get("model")
    if requested is not None and requested != model:
        raise Refusal(
            404, f"the model {requested!r} is not served, {model!r} is", param="model", code="model_not_found"
        )
    if body.get("n") not in (None, 1):
        raise Refusal(400, "n must be 1: reading the same image twice gives the same text", param="n")
    stream = _boolean(body.get("stream"), "stream")
    return ChatRequest(_images(body.get("messages"), max_images, max_image_bytes), stream, _include_usage(body, stream))


def _include_usage(body: dict[str, object], stream: bool) -> bool:
    options = body.get("stream_options")
    if options is None:
        return False
    if not isinstance(options, dict):
        raise Refusal(400, f"stream_options must be an object, this is {json_kind(options)}", param="stream_options")
    if not stream:
        raise Refusal(400, "stream_options goes with stream: true", param="stream_options")
    return _boolean(options.get("include_usage"), "stream_options.include_usage")


def _boolean(value: object, param: str) -> bool:
    if value is None:
        return False
    if not isinstance(value, bool):
        raise Refusal(400, f"{param} must be true or false, this is {json_kind(value)}", param=param)
    return value


def _images(messages: object, max_images: int, max_image_bytes: int) -> tuple[bytes, ...]:
    if not isinstance(messages, list) or not messages:
        raise Refusal(400, "messages must be a list with at least one message", param="messages")
    urls: list[tuple[str, object]] = []
    for place, message in enumerate(messages):
        urls += _image_urls(message, f"messages[{place}]")
    if not urls:
        raise Refusal(400, "no image: send an image_url part with a data: URL", param="messages")
    if len(urls) > max_images:
        raise Refusal(400, f"{len(urls)} images, at most {max_images} in one request", param="messages")
    return tuple(from_data_url(url, max_image_bytes, where) for where, url in urls)


def _image_urls(message: object, where: str) -> list[tuple[str, object]]:
    if not isinstance(message, dict):
        raise Refusal(400, f"{where} must be an object, this is {json_kind(message)}", param=where)
    content = message.get("content")
    if content is None or isinstance(content, str):
        return []
    if not isinstance(content, list):
        raise Refusal(400, f"{where}.content must be a string or a list of parts", param=f"{where}.content")
    urls = []
    for place, part in enumerate(content):
        at = f"{where}.content[{place}]"
        kind = part.get("type") if isinstance(part, dict) else None
        if isinstance(part, dict) and kind == "image_url":
            urls.append((f"{at}.image_url.url", _url(part)))
        elif kind not in IGNORED_PARTS:
            raise Refusal(400, f"{at} must be a part of type text or image_url", param=at)
    return urls


def _url(part: dict[str, object]) -> object:
    image = part.get("image_url")
    return image.get("url") if isinstance(image, dict) else image


def usage_of(text: str) -> dict[str, int]:
    """The engine has no tokens: a completion token is one word of the text, an image counts as none."""
    count = len(text.split())
    return {"prompt_tokens": 0, "completion_tokens": count, "total_tokens": count}


@dataclass(frozen=True)
class Completion:
    """The frame around one answer: the same id, time and model in all of its parts."""

    model: str
    id: str = field(default_factory=lambda: f"chatcmpl-{uuid.uuid4().hex}")
    created: int = field(default_factory=lambda: int(time.time()))

    def whole(self, text: str) -> dict[str, object]:
        message = {"role": "assistant", "content": text}
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
        return self._framed("chat.completion", [choice]) | {"usage": usage_of(text)}

    def chunk(self, delta: dict[str, str], finish_reason: str | None = None) -> dict[str, object]:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
        return self._framed("chat.completion.chunk", [choice])

    def usage_chunk(self, text: str) -> dict[str, object]:
        return self._framed("chat.completion.chunk", []) | {"usage": usage_of(text)}

    def _framed(self, kind: str, choices: list[dict[str, object]]) -> dict[str, object]:
        return {"id": self.id, "object": kind, "created": self.created, "model": self.model, "choices": choices}


def event(value: dict[str, object] | str) -> bytes:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return f"data: {text}\n\n".encode()
