"""The content of requests: index in, a request ready to be sent out. Prompts and images are serialised beforehand."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Protocol

from .images import Image
from .prompts import body_parts, random_text, unique_prefix
from .request import Plan
from .target import Target

BODIES = 32
JOIN_BELOW = 64 * 1024


class Workload(Protocol):
    def plan(self, index: int) -> Plan: ...


def token_limit(options: dict[str, object]) -> int | None:
    """The most tokens that an answer may have, over all its choices."""
    limit = next((options[name] for name in ("max_tokens", "max_completion_tokens", "n_predict") if name in options), 0)
    choices = options.get("n", 1)
    if not isinstance(limit, int) or limit <= 0 or not isinstance(choices, int):
        return None
    return limit * max(1, choices)


class TextLoad:
    """Random prompts of one length, or these texts in their order, each under its name."""

    def __init__(
        self,
        target: Target,
        api: str,
        model: str,
        *,
        length: int,
        options: dict[str, object],
        seed: int,
        unique: bool = True,
        texts: Mapping[str, str] | None = None,
        before: Sequence[dict[str, str]] = (),
    ) -> None:
        rng = random.Random(f"{seed}/bodies")
        self._labels = [""] * BODIES if texts is None else list(texts)
        if texts is None:
            texts = {str(number): random_text(length, rng) for number in range(BODIES)}
        self._seed, self._unique = seed, unique
        self._head = target.head("POST", target.endpoint(api), "text/event-stream")
        self._limit = token_limit(options)
        self._bodies = [body_parts(api, model, text, options, unique, before) for text in texts.values()]

    def plan(self, index: int) -> Plan:
        which = index % len(self._bodies)
        head, tail = self._bodies[which]
        prefix = unique_prefix(index, random.Random(self._seed * 1_000_003 + index)).encode() if self._unique else b""
        size = len(head) + len(prefix) + len(tail)
        buffers = [b"%s%d\r\n\r\n%s%s%s" % (self._head, size, head, prefix, tail)]
        return Plan(index, buffers, size, label=self._labels[which], limit=self._limit)


class ImageLoad:
    """Real image files, byte for byte, in turn. Each is turned into its base64 text once."""

    def __init__(
        self,
        target: Target,
        model: str,
        images: Sequence[Image],
        *,
        prompt: str,
        options: dict[str, object],
        unique: bool,
    ) -> None:
        self._head = target.head("POST", target.endpoint("chat"), "text/event-stream")
        self._limit = token_limit(options)
        self._images = list(images)
        self._unique = unique
        self._bodies = [image.body_parts(model, prompt, options, unique) for image in images]

    def plan(self, index: int) -> Plan:
        which = index % len(self._images)
        parts = list(self._bodies[which])
        if self._unique:
            parts.insert(1, b"%d " % index)
        size = sum(map(len, parts))
        buffers = [b"%s%d\r\n\r\n" % (self._head, size), *parts]
        if size < JOIN_BELOW:
            buffers = [b"".join(buffers)]
        return Plan(index, buffers, size, label=self._images[which].name, limit=self._limit)
