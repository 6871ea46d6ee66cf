"""Reads image files: never decoded, never re-encoded; bytes, sha256 and pixel size are recorded."""

from __future__ import annotations

import base64
import hashlib
import json
import struct
from dataclasses import dataclass
from pathlib import Path

TYPES = {".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".webp": "image/webp", ".gif": "image/gif"}
RECEIPTS = Path(__file__).resolve().parent.parent / "receipts"
SIZE_LIMIT = 64 * 1024 * 1024


class ImageError(ValueError):
    """An image, or the folder it should be in, cannot be used."""


@dataclass(frozen=True, slots=True)
class Image:
    name: str
    media_type: str
    data: bytes
    pixels: tuple[int, int] | None

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()

    def described(self) -> dict[str, object]:
        width, height = self.pixels or (None, None)
        return {"name": self.name, "bytes": len(self.data), "sha256": self.sha256, "width": width, "height": height}

    def body_parts(self, model: str, prompt: str, options: dict[str, object], unique: bool) -> list[bytes]:
        """Body in parts around the image; the image comes first, as chat templates of vision models expect."""
        url = f"data:{self.media_type};base64,"
        parts: list[dict[str, object]] = [
            {"type": "image_url", "image_url": {"url": url + "\0image"}},
            {"type": "text", "text": prompt},
        ]
        if unique:
            parts.insert(0, {"type": "text", "text": "\0unique"})
        body = {"model": model, "messages": [{"role": "user", "content": parts}]} | options
        text = json.dumps(body, separators=(",", ":")).encode()
        before, _, after = text.partition(b"\\u0000image")
        first = before.split(b"\\u0000unique")
        return [*first, base64.b64encode(self.data), after]


def load_images(place: str) -> list[Image]:
    """One file, or every image of a folder in name order."""
    path = Path(place)
    if path.is_dir():
        files = sorted(each for each in path.iterdir() if each.suffix.lower() in TYPES)
        if not files:
            raise ImageError(f"{place}: no images in this folder ({', '.join(sorted(TYPES))})")
    elif path.is_file():
        files = [path]
    else:
        raise ImageError(f"{place}: no such file or folder")
    return [load_image(each) for each in files]


def load_image(path: Path) -> Image:
    try:
        if path.stat().st_size > SIZE_LIMIT:
            raise ImageError(f"{path}: larger than {SIZE_LIMIT // 2**20} MiB")
        data = path.read_bytes()
    except OSError as error:
        raise ImageError(f"{path}: {error.strerror}") from None
    media_type = kind(data)
    if media_type is None:
        raise ImageError(f"{path}: not a JPEG, PNG, WebP or GIF file")
    return Image(path.name, media_type, data, pixels(data))


def kind(data: bytes) -> str | None:
    """The type by content, since a file's name may be wrong."""
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return "image/gif" if data[:6] in {b"GIF87a", b"GIF89a"} else None


def pixels(data: bytes) -> tuple[int, int] | None:
    """Width and height from the header; null if it does not have them."""
    try:
        match kind(data):
            case "image/png":
                width, height = struct.unpack(">II", data[16:24])
            case "image/gif":
                width, height = struct.unpack("<HH", data[6:10])
            case "image/jpeg":
                return jpeg_pixels(data)
            case "image/webp":
                return webp_pixels(data)
            case _:
                return None
    except struct.error:
        return None
    return width, height


def jpeg_pixels(data: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:  # padding before a marker
            at += 1
            continue
        if 0xC0 <= marker <= 0xCF and marker not in {0xC4, 0xC8, 0xCC}:
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return width, height
        at += 2 + int(struct.unpack(">H", data[at + 2 : at + 4])[0])
    return None


def webp_pixels(data: bytes) -> tuple[int, int] | None:
    form = data[12:16]
    if form == b"VP8X":
        return 1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little")
    if form == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + ((bits >> 14) & 0x3FFF)
    if form == b"VP8 ":
        width, height = struct.unpack("<HH", data[26:30])
        return width & 0x3FFF, height & 0x3FFF
    return None
