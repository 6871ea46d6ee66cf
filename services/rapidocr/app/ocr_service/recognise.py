"""The only file that uses the OCR engine: an RGB picture in, pieces of text with their corners out."""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from .reading_order import Piece, Point

if TYPE_CHECKING:
    from .settings import Settings

log = logging.getLogger(__name__)

SMALLEST_SIDE = 32  # the engine fails on slivers
# The engine enlarges a page until its short side has 736 pixels: a strip of 75x3000 became one of 736x29440 and took
# all memory. With this many times the short side at most, no page is larger to it than one of max_side squared.
LONGEST_SHAPE = 4
SELF_TEST = "READY 2048"


class Recogniser(Protocol):
    def read(self, image: Image.Image) -> list[Piece]: ...


class LoadError(Exception):
    """Reports an engine that is installed but does not read."""


def load(settings: Settings) -> Recogniser:
    """A proven engine: its models are loaded lazily, so it reads a line before it counts as loaded."""
    recogniser = RapidOcr(settings)
    page = Image.new("RGB", (320, 96), "white")
    ImageDraw.Draw(page).text((24, 24), SELF_TEST, font=ImageFont.load_default(36), fill="black")
    read = " ".join(piece.text for piece in recogniser.read(page))
    if read.replace(" ", "") != SELF_TEST.replace(" ", ""):
        raise LoadError(f"the self test read {read!r} instead of {SELF_TEST!r}")
    return recogniser


class RapidOcr:
    """PP-OCR by RapidOCR; the models lie in its wheel, nothing is downloaded."""

    def __init__(self, settings: Settings) -> None:
        # ONNX Runtime reports to its maker unless told not to before it is first imported.
        os.environ["ORT_DISABLE_TELEMETRY"] = "1"
        # The heavy imports: without them the service can already answer /health.
        import cv2  # type: ignore[import-not-found]
        from rapidocr import RapidOCR  # type: ignore[import-not-found]

        cv2.setNumThreads(settings.threads)
        self._engine: Any = RapidOCR(
            params={
                "EngineConfig.onnxruntime.intra_op_num_threads": settings.threads,
                "EngineConfig.onnxruntime.inter_op_num_threads": 1,
                "Global.max_side_len": settings.max_side,
                "Global.text_score": settings.text_score,
                "Global.log_level": "error",
                # Lines of a batch are padded to its longest: one by one takes a third less memory, and no longer.
                "Rec.rec_batch_num": 1,
            }
        )

    def read(self, image: Image.Image) -> list[Piece]:
        blue_green_red = np.ascontiguousarray(np.asarray(padded(image))[:, :, ::-1])
        found = self._engine(blue_green_red)
        if found.txts is None or found.boxes is None:
            return []
        return [
            Piece(str(text), float(score), _corners(box))
            for text, score, box in zip(found.txts, found.scores, found.boxes, strict=True)
        ]


def padded(image: Image.Image) -> Image.Image:
    """White added at the right and below, so that positions keep their meaning."""
    width, height = image.size
    least = max(SMALLEST_SIDE, -(-max(width, height) // LONGEST_SHAPE))
    if min(width, height) >= least:
        return image
    page = Image.new("RGB", (max(width, least), max(height, least)), "white")
    page.paste(image)
    return page


def _corners(box: Any) -> tuple[Point, Point, Point, Point]:
    first, second, third, fourth = ((float(x), float(y)) for x, y in box)
    return first, second, third, fourth
