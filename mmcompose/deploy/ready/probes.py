"""The first real request of each kind of engine, and the test of its answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from mmcompose.deploy.ready import picture, talk
from mmcompose.deploy.ready.talk import Address
from mmcompose.model import Probe

PROMPT = "What is the capital of France? Answer in one short sentence."


class Question(NamedTuple):
    """One request to engines of a `category`. `body` makes it for the served model; `answered` tests one event of a
    stream, or a whole body, and `text` reads its text.

    An answer without text does not count.
    """

    category: str
    body: Callable[[str], dict[str, Any]]
    answered: Callable[[Any], bool]
    text: Callable[[Any], str]
    streamed: bool = False


def _chat(model: str) -> dict[str, Any]:
    messages = [{"role": "user", "content": PROMPT}]
    return {"model": model, "messages": messages, "max_tokens": 1, "temperature": 0, "stream": True}


def _ocr(model: str) -> dict[str, Any]:
    parts = [
        {"type": "text", "text": "Text Recognition:"},
        {"type": "image_url", "image_url": {"url": picture.data_url()}},
    ]
    messages = [{"role": "user", "content": parts}]
    return {"model": model, "messages": messages, "max_tokens": 16, "temperature": 0, "stream": True}


def _choice(data: Any) -> dict[str, Any]:
    choices = data.get("choices") if isinstance(data, dict) else None
    return choices[0] if isinstance(choices, list) and choices and isinstance(choices[0], dict) else {}


def _spoken(data: Any) -> str:
    choice = _choice(data)
    message = next((part for part in map(choice.get, ("delta", "message")) if isinstance(part, dict)), {})
    texts = [message.get(name) for name in ("content", "reasoning_content", "reasoning")]
    return "".join(text for text in (*texts, choice.get("text")) if isinstance(text, str))


def _chosen(data: Any) -> bool:
    """Whether it is an answer of that kind, even without text."""
    choice = _choice(data)
    return any(isinstance(choice.get(part), dict) for part in ("delta", "message")) or isinstance(
        choice.get("text"), str
    )


def _has(name: str) -> Callable[[Any], bool]:
    return lambda data: isinstance(data, dict) and isinstance(data.get(name), list)


QUESTIONS: dict[str, Question] = {
    "chat": Question("chat", _chat, _chosen, _spoken, streamed=True),
    "ocr": Question("ocr", _ocr, _chosen, _spoken, streamed=True),
    "segment": Question(
        "segmentation",
        lambda _: {"image": picture.data_url(), "text": "letter"},
        _has("masks"),
        lambda data: f"{len(data['masks'])} masks",
    ),
    "embed": Question(
        "embedding",
        lambda model: {"model": model, "input": "ready"},
        _has("data"),
        lambda data: f"{len(data['data'])} vectors" if data["data"] else "",
    ),
}


def whole(body: dict[str, Any]) -> dict[str, Any]:
    """The same question, for one long answer in one piece."""
    return {**body, "max_tokens": 32, "stream": False} if body.get("stream") else body


def longer(body: dict[str, Any], tries: int) -> dict[str, Any]:
    """The same question with more tokens: a thinking model may spend the first ones on text that is not shown."""
    return {**body, "max_tokens": body["max_tokens"] * 8**tries} if tries and "max_tokens" in body else body


def models_served(data: Any, wanted: str | None, state: str | None) -> bool:
    """Whether a list of models holds ours: by its id, or by its state if the list has states."""
    if state is not None:
        states = list(_states(data))
        return bool(states) and all(found == state for found in states)
    listed = data.get("data") if isinstance(data, dict) else None
    ids = [item.get("id") for item in listed if isinstance(item, dict)] if isinstance(listed, list) else []
    return wanted in ids if wanted else bool(ids)


def first_model(data: Any) -> str:
    listed = data.get("data") if isinstance(data, dict) else None
    found = listed[0] if isinstance(listed, list) and listed and isinstance(listed[0], dict) else {}
    return str(found.get("id", ""))


def first_listed(address: Address, probe: Probe, timeout: float, key: str | None, within: float | None = None) -> str:
    """The first model that an engine lists, for one without a served name."""
    return first_model(talk.get(address, probe.models, timeout, key, within).data) if probe.models else ""


def _states(data: Any) -> Any:
    if isinstance(data, dict):
        if isinstance(data.get("state"), str):
            yield data["state"]
        for child in data.values():
            yield from _states(child)
    elif isinstance(data, list):
        for child in data:
            yield from _states(child)
