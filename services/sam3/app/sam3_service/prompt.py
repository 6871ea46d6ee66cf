"""Reads a client's request: the image, the thing to look for, and the form of the answer."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from service_kit.refusals import Refusal
from service_kit.uploads import from_data_url, json_kind

if TYPE_CHECKING:
    from .settings import Settings

Box = tuple[float, float, float, float]

LONGEST_TEXT = 1000
RLE_FORMS = ("compressed", "uncompressed")
FIELDS = ("image", "text", "boxes", "threshold", "max_masks", "rle")


@dataclass(frozen=True)
class Prompt:
    """The thing to look for: a short noun phrase, boxes around examples in pixels (x0, y0, x1, y1), or both."""

    text: str | None
    boxes: tuple[Box, ...]
    threshold: float
    max_masks: int


@dataclass(frozen=True)
class Wish:
    image: bytes
    prompt: Prompt
    compressed: bool


def from_json(body: dict[str, object], settings: Settings) -> Wish:
    return understood(from_data_url(body.get("image"), settings.max_image_bytes, "image"), body, settings)


def from_form(image: bytes, fields: dict[str, str], settings: Settings) -> Wish:
    """Form fields are text: all but `text` and `rle` are written as JSON."""
    values: dict[str, object] = {}
    for name, text in fields.items():
        values[name] = text if name in ("text", "rle") else _json_field(name, text)
    return understood(image, values, settings)


def understood(image: bytes, values: dict[str, object], settings: Settings) -> Wish:
    for name in values:
        if name not in FIELDS:
            raise Refusal(400, f"unknown field {name!r}; the fields are {', '.join(FIELDS)}", param=name)
    text, boxes = _text(values.get("text")), _boxes(values.get("boxes"), settings.max_boxes)
    if text is None and not boxes:
        raise Refusal(400, "name what to look for: text, boxes, or both", param="text")
    threshold = _number(values.get("threshold", settings.threshold), "threshold")
    if not 0 <= threshold <= 1:
        raise Refusal(400, "threshold must be from 0 to 1", param="threshold")
    form = values.get("rle", RLE_FORMS[0])
    if form not in RLE_FORMS:
        raise Refusal(400, f"rle must be one of {', '.join(RLE_FORMS)}", param="rle")
    most = _max_masks(values.get("max_masks", settings.max_masks), settings.max_masks)
    return Wish(image, Prompt(text, boxes, threshold, most), form == "compressed")


def within(boxes: tuple[Box, ...], width: int, height: int) -> None:
    """Checks that the boxes lie in the image, once its size is known."""
    for place, (x0, y0, x1, y1) in enumerate(boxes):
        if not (0 <= x0 < x1 <= width and 0 <= y0 < y1 <= height):
            at = f"boxes[{place}]"
            message = f"{at} must be [x0, y0, x1, y1] with x0 < x1 and y0 < y1, inside the image of {width}x{height}"
            raise Refusal(400, message, param=at)


def _json_field(name: str, text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise Refusal(400, f"{name} is not valid JSON", param=name) from None


def _text(value: object) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or not value.strip():
        raise Refusal(400, "text must be a string that is not empty", param="text")
    if len(value) > LONGEST_TEXT:
        raise Refusal(400, f"text is longer than {LONGEST_TEXT} characters", param="text")
    return value.strip()


def _boxes(value: object, most: int) -> tuple[Box, ...]:
    if value is None:
        return ()
    if not isinstance(value, list):
        raise Refusal(400, f"boxes must be a list of [x0, y0, x1, y1], this is {json_kind(value)}", param="boxes")
    if len(value) > most:
        raise Refusal(400, f"{len(value)} boxes, at most {most} in one prompt", param="boxes")
    return tuple(_box(box, f"boxes[{place}]") for place, box in enumerate(value))


def _box(value: object, at: str) -> Box:
    if not isinstance(value, list) or len(value) != 4:
        raise Refusal(400, f"{at} must be four numbers: [x0, y0, x1, y1]", param=at)
    x0, y0, x1, y1 = (_number(edge, at) for edge in value)
    return x0, y0, x1, y1


def _number(value: object, at: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise Refusal(400, f"{at} must be a number, this is {json_kind(value)}", param=at)
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise Refusal(400, f"{at} must be a finite number", param=at)
    return number


def _max_masks(value: object, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
        raise Refusal(400, f"max_masks must be a whole number from 1 to {most}", param="max_masks")
    return value
