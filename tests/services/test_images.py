"""Images of every kind, honest and hostile: readable ones come out upright in RGB, all others as a refusal."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw
from service_kit.images import decode, inspect
from service_kit.refusals import Refusal

SIZE = (60, 20)
DARK, LIGHT = 100, 155


def saved(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def page(mode: str, ground: Any, ink: Any) -> Image.Image:
    image = Image.new(mode, SIZE, ground)
    ImageDraw.Draw(image).rectangle((0, 0, 9, 9), fill=ink)
    return image


def palette() -> Image.Image:
    return page("L", 255, 0).convert("P", palette=Image.Palette.ADAPTIVE)


def sixteen_bits(top: int) -> Image.Image:
    values = np.full((SIZE[1], SIZE[0]), top, dtype=np.uint16)
    values[:10, :10] = 0
    return Image.fromarray(values)


CLEAR = (0, 0, 0, 0)
KINDS = {
    "grey": saved(page("L", 255, 0)),
    "bilevel": saved(page("1", 1, 0)),
    "colour": saved(page("RGB", "white", "black"), "JPEG", quality=95),
    "palette": saved(palette()),
    "palette with a transparent ground": saved(palette(), transparency=palette().getpixel((59, 19))),
    "grey with alpha": saved(page("LA", (0, 0), (0, 255))),
    "dark ink on a transparent ground": saved(page("RGBA", CLEAR, (0, 0, 0, 255))),
    "premultiplied": saved(page("RGBA", (255, 255, 255, 255), (0, 0, 0, 255))),
    "CMYK": saved(page("CMYK", (0, 0, 0, 0), (0, 0, 0, 255)), "JPEG", quality=95),
    "YCbCr": saved(page("YCbCr", (255, 128, 128), (0, 128, 128)), "JPEG", quality=95),
    "sixteen bits": saved(sixteen_bits(65535)),
    "twelve bits in sixteen": saved(sixteen_bits(4095), "TIFF"),
    "floats": saved(Image.fromarray(np.array(sixteen_bits(1), dtype=np.float32)), "TIFF"),
    "webp": saved(page("RGB", "white", "black"), "WEBP", lossless=True),
    "gif": saved(page("L", 255, 0), "GIF"),
    "bmp": saved(page("RGB", "white", "black"), "BMP"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_ink_is_dark_and_the_ground_is_light_in_every_kind_of_image(kind: str) -> None:
    image = decode(KINDS[kind], "image")
    assert (image.mode, image.size) == ("RGB", SIZE)
    values = np.asarray(image.convert("L"))
    assert values[2:8, 2:8].max() < DARK
    assert values[12:, 30:].min() > LIGHT


def test_light_ink_on_a_transparent_ground_is_put_on_a_dark_one() -> None:
    values = np.asarray(decode(saved(page("RGBA", CLEAR, (255, 255, 255, 255))), "image").convert("L"))
    assert values[2:8, 2:8].min() > LIGHT
    assert values[12:, 30:].max() < DARK


@pytest.mark.parametrize("blank", [page("RGBA", CLEAR, CLEAR), sixteen_bits(0)], ids=["nothing but alpha", "one value"])
def test_an_image_with_nothing_on_it_is_a_blank_page(blank: Image.Image) -> None:
    assert np.asarray(decode(saved(blank), "image")).min() == 255


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_exif_orientation_is_honoured(orientation: int) -> None:
    back = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    upright = page("RGB", "white", "black")
    stored = upright.transpose(back[orientation]) if orientation in back else upright
    exif = Image.Exif()
    exif[0x0112] = orientation
    assert decode(saved(stored, exif=exif), "image").tobytes() == upright.tobytes()


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
def test_broken_exif_data_does_not_cost_the_image() -> None:
    data = saved(page("RGB", "white", "black"), "JPEG", exif=b"Exif\x00\x00MM\x00*\x00\x00\x00\x08\xff\xff\x01")
    assert decode(data, "image").size == SIZE


def png_claiming(width: int, height: int) -> bytes:
    """A header that promises far more than the file holds."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("size", [(100_000, 100_000), (2**31 - 1, 1), (61, 20)])
def test_too_many_pixels_are_refused_by_the_header_alone(size: tuple[int, int]) -> None:
    with pytest.raises(Refusal, match=f"image has {size[0]}x{size[1]} pixels, the limit is 1200 in all") as refused:
        inspect(png_claiming(*size), 1200, "image")
    assert refused.value.status == 413


def test_an_image_at_the_limit_passes() -> None:
    header = inspect(saved(page("L", 255, 0)), 1200, "image")
    assert (header.format, header.width, header.height) == ("PNG", *SIZE)


def test_pages_are_not_left_out_silently() -> None:
    sheet = page("L", 255, 0)
    data = saved(sheet, "TIFF", save_all=True, append_images=[sheet, sheet])
    with pytest.raises(Refusal, match="image is a TIFF of 3 pages: send one image for each page"):
        inspect(data, 10_000, "image")


JPEG = KINDS["colour"]


def both_steps(data: bytes, param: str) -> Image.Image:
    inspect(data, 10_000, param)
    return decode(data, param)


UNREADABLE = {
    "text": b"hello",
    "a program for Ghostscript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n%%EndComments\n",
    "a drawing": b"<svg xmlns='http://www.w3.org/2000/svg' width='10' height='10'/>",
    "a document": b"%PDF-1.7\n",
    "only a signature": b"\x89PNG\r\n\x1a\n",
    "a JPEG that breaks off in its header": JPEG[:40],
    "a PNG without pixels": png_claiming(10, 10)[:40],
}


@pytest.mark.parametrize("kind", UNREADABLE)
def test_what_is_no_image_is_refused_and_named(kind: str) -> None:
    with pytest.raises(Refusal, match=r"image 2 is not a readable image \(PNG, JPEG") as refused:
        both_steps(UNREADABLE[kind], "image 2")
    assert refused.value.status == 400
    assert "0x" not in refused.value.message


def test_an_image_that_breaks_off_in_its_pixels_is_refused_when_decoded() -> None:
    whole = saved(Image.effect_noise((200, 200), 80), "JPEG")
    assert inspect(whole[:-2000], 40_000, "image").pixels == 40_000
    with pytest.raises(Refusal, match="truncated"):
        decode(whole[:-2000], "image")


@pytest.mark.filterwarnings("ignore")  # Pillow warns of what it mends; a log line in the service
@settings(max_examples=150, deadline=None)
@given(kind=st.sampled_from(sorted(KINDS)), place=st.integers(0), noise=st.binary(min_size=1, max_size=6))
def test_a_damaged_image_is_read_or_refused_and_nothing_else(kind: str, place: int, noise: bytes) -> None:
    data = bytearray(KINDS[kind])
    at = place % len(data)
    data[at : at + len(noise)] = noise
    try:
        image = both_steps(bytes(data), "image")
    except Refusal as refused:
        image, status = None, refused.status
    assert image.mode == "RGB" if image else status in (400, 413)
