"""Image bytes to upright RGB pictures. The header is judged before any pixel is unpacked."""

from __future__ import annotations

import contextlib
import io
import struct
import zlib
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from .refusals import Refusal

# Formats that Pillow decodes by itself; EPS and the like would start other programs.
FORMATS = ("PNG", "JPEG", "WEBP", "TIFF", "BMP", "GIF", "PPM")
SIXTEEN_BIT = ("I", "F", "I;16", "I;16B", "I;16L", "I;16N")
BRIGHT = 170  # ink brighter than this is unreadable on white

# Pillow's own guard warns first and counts differently; `inspect` below is the guard here, before decoding.
Image.MAX_IMAGE_PIXELS = None

Broken = (OSError, ValueError, SyntaxError, EOFError, struct.error, zlib.error, KeyError, TypeError, IndexError)


@dataclass(frozen=True)
class Header:
    """The facts of an image that its header holds."""

    format: str
    width: int
    height: int

    @property
    def pixels(self) -> int:
        return self.width * self.height


def inspect(data: bytes, max_pixels: int, param: str) -> Header:
    """Refuses bytes that are no image, and images with too many pixels or with pages that would be ignored."""
    with _opened(data, param) as image:
        width, height = image.size
        name = image.format or "?"
        pages = _pages(image) if name == "TIFF" else 1
    if width * height > max_pixels:
        raise Refusal(413, f"{param} has {width}x{height} pixels, the limit is {max_pixels} in all", param=param)
    if pages > 1:
        raise Refusal(400, f"{param} is a TIFF of {pages} pages: send one image for each page", param=param)
    return Header(name, width, height)


def decode(data: bytes, param: str) -> Image.Image:
    """The first frame, turned upright as its EXIF data says, in RGB of 8 bits."""
    with _opened(data, param) as image:
        try:
            image.load()
            return _rgb(_upright(image))
        except MemoryError:
            raise Refusal(503, f"not enough memory to decode {param}", param=param) from None
        except Broken as error:
            raise _undecodable(param, error) from None


def _opened(data: bytes, param: str) -> Image.Image:
    try:
        return Image.open(io.BytesIO(data), formats=FORMATS)
    except Broken as error:
        raise _undecodable(param, error) from None


def _undecodable(param: str, error: Exception) -> Refusal:
    # Pillow names the in-memory file in this one; the address says nothing to the reader.
    reason = "unknown format" if isinstance(error, UnidentifiedImageError) else str(error)
    return Refusal(400, f"{param} is not a readable image ({', '.join(FORMATS)}): {reason}", param=param)


def _pages(image: Image.Image) -> int:
    try:
        return int(getattr(image, "n_frames", 1))
    except Broken:
        return 1


def _upright(image: Image.Image) -> Image.Image:
    turned = None
    with contextlib.suppress(*Broken):  # a picture with broken EXIF data is taken as it lies
        turned = ImageOps.exif_transpose(image)
    return turned or image


def _rgb(image: Image.Image) -> Image.Image:
    if image.mode in SIXTEEN_BIT:
        return _stretched(image).convert("RGB")
    if image.has_transparency_data:
        return _on_contrasting_ground(image.convert("RGBA"))
    return image.convert("RGB")


def _stretched(image: Image.Image) -> Image.Image:
    """Sixteen bits to eight over the range in use: scanners write 10 or 12 bits into 16."""
    values = np.nan_to_num(np.asarray(image, dtype=np.float32), posinf=0.0, neginf=0.0)
    low, high = float(values.min()), float(values.max())
    if high <= low:
        return Image.new("L", image.size, 255)
    return Image.fromarray(((values - low) * (255.0 / (high - low))).astype(np.uint8))


def _on_contrasting_ground(image: Image.Image) -> Image.Image:
    """Puts a transparent picture on the ground on which its ink, dark or light, can be seen."""
    alpha = np.asarray(image.getchannel("A"), dtype=np.float32)
    weight = float(alpha.sum())
    ink = float((np.asarray(image.convert("L"), dtype=np.float32) * alpha).sum() / weight) if weight else 0.0
    mostly_opaque = weight > 0.5 * 255 * alpha.size
    ground = (0, 0, 0) if ink > BRIGHT and not mostly_opaque else (255, 255, 255)
    page = Image.new("RGB", image.size, ground)
    page.paste(image, mask=image.getchannel("A"))
    return page
