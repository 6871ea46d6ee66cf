"""Stands in for SAM 3, which needs an NVIDIA GPU and gated weights: finds a rectangle for each box, two for a text."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from sam3_service.model import Found, Region

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PIL import Image
    from sam3_service.prompt import Box, Prompt

BY_TEXT = (((0.0, 0.0, 10.0, 10.0), 0.6), ((20.0, 5.0, 30.0, 25.0), 0.9))


def rectangle(box: Box, size: tuple[int, int]) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    x0, y0, x1, y1 = map(round, box)
    mask = np.zeros((size[1], size[0]), dtype=np.bool_)
    mask[y0:y1, x0:x1] = True
    return mask


@dataclass
class StandInSegmenter:
    fault: Exception | None = None
    gate: threading.Event = field(default_factory=threading.Event)
    prompts: list[Prompt] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.gate.set()

    def segment(self, image: Image.Image, prompt: Prompt) -> Found:
        self.prompts.append(prompt)
        self.gate.wait(20)
        if self.fault:
            raise self.fault
        candidates = [*(BY_TEXT if prompt.text else ()), *((box, 0.95) for box in prompt.boxes)]
        good = sorted((c for c in candidates if c[1] > prompt.threshold), key=lambda c: -c[1])
        return Found(len(good), self.regions(good[: prompt.max_masks], image.size))

    def regions(self, found: list[tuple[Box, float]], size: tuple[int, int]) -> Iterator[Region]:
        for box, score in found:
            yield Region(box, score, rectangle(box, size))
