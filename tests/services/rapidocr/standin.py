"""Stands in for the OCR engine, which is not installed for these tests: answers what it was told to, when it is let."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ocr_service.reading_order import Piece

if TYPE_CHECKING:
    from PIL import Image


def piece(text: str, y: float, score: float = 0.9) -> Piece:
    return Piece(text, score, ((10, y), (110, y), (110, y + 20), (10, y + 20)))


@dataclass
class StandInRecogniser:
    """Reads the same lines from every image but a blank one; holds each page until `gate` is open."""

    pieces: list[Piece] = field(default_factory=lambda: [piece("TOTAL 9.99", 60), piece("GREEN MARKET", 10)])
    fault: Exception | None = None
    gate: threading.Event = field(default_factory=threading.Event)
    seen: list[Image.Image] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.gate.set()

    def read(self, image: Image.Image) -> list[Piece]:
        with self.lock:
            self.seen.append(image)
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        self.gate.wait(120)
        with self.lock:
            self.at_once -= 1
        if self.fault:
            raise self.fault
        return [] if image.getextrema() == ((255, 255),) * 3 else self.pieces
