"""What is sent: index in, a request ready to be written out. Prompts and images are serialised beforehand."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Protocol

from .images import Image
from .prompts import body_parts, random_words, unique_prefix
from .request import Plan
from .target import Target

BODIES = 32
JOIN_BELOW = 64 * 1024


class Workload(Protocol):
    def plan(self, index: int) -> Plan: ...


class TextLoad:
    """Random prompts of one length."""

    def __init__(
        self,
        target: Target,
        api: str,
        model: str,
        *,
        words: int,
        options: dict[str, object],
        seed: int,
        unique: bool = True,
    ) -> None:
        rng = random.Random(f"{seed}/bodies")
        self._seed, self._unique = seed, unique
        self._head = target.head("POST", target.endpoint(api), "text/event-stream")
        self._bodies = [body_parts(api, model, random_words(words, rng), options, unique) for _ in range(BODIES)]

    def plan(self, index: int) -> Plan:
        head, tail = self._bodies[index % BODIES]
        prefix = unique_prefix(index, random.Random(self._seed * 1_000_003 + index)).encode() if self._unique else b""
        size = len(head) + len(prefix) + len(tail)
        return Plan(index, [b"%s%d\r\n\r\n%s%s%s" % (self._head, size, head, prefix, tail)], size)


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
        return Plan(index, buffers, size, label=self._images[which].name)
