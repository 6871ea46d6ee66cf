"""Receipts drawn by Pillow, and what is written on them: skewed, blurred and compressed, always the same."""

from __future__ import annotations

import difflib
import io
import random
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFilter, ImageFont

WIDTH, MARGIN, LINE_HEIGHT, FONT_SIZE = 560, 24, 34, 24
MOST_SKEW_DEGREES, BLUR, JPEG_QUALITY = 1.0, 0.6, 85
SHOPS = ("GREEN VALLEY MARKET", "HARBOUR STREET BAKERY", "NORTH GATE PHARMACY", "THE CORNER BOOKSHOP")
ITEMS = (
    "Milk 1L", "Bread rye", "Eggs 12pc", "Butter 250g", "Coffee 500g", "Apples 1kg", "Rice 5kg", "Cheddar",
    "Soap bar", "Orange juice", "Honey jar", "Green tea", "Tomatoes", "Olive oil",
)  # fmt: skip


@dataclass(frozen=True)
class Receipt:
    """``lines`` is the truth: one entry per row, its parts from left to right with a space between."""

    image: Image.Image
    lines: tuple[str, ...]

    def jpeg(self) -> bytes:
        file = io.BytesIO()
        self.image.save(file, "JPEG", quality=JPEG_QUALITY)
        return file.getvalue()


def receipt(number: int) -> Receipt:
    chance = random.Random(number)
    rows = written(chance)
    image = drawn(rows)
    skewed = image.rotate(
        chance.uniform(-MOST_SKEW_DEGREES, MOST_SKEW_DEGREES), Image.Resampling.BICUBIC, expand=True, fillcolor=255
    )
    blurred = skewed.filter(ImageFilter.GaussianBlur(BLUR)).convert("RGB")
    return Receipt(blurred, tuple(" ".join(row) for row in rows))


def written(chance: random.Random) -> list[tuple[str, ...]]:
    """Rows of one part, or of two: what was bought on the left, what it cost on the right edge."""
    number = chance.randint
    rows: list[tuple[str, ...]] = [
        (chance.choice(SHOPS),),
        (f"{number(1, 99)} Station Road, Leeds LS1 4DY",),
        (f"Tel: 0113 496 {number(0, 9999):04d}",),
        (f"Date: {number(1, 28):02d}/{number(1, 12):02d}/2026", f"Time: {number(8, 21):02d}:{number(0, 59):02d}"),
        (f"Receipt No: {number(0, 999999):06d}",),
    ]
    total = 0
    for item in chance.sample(ITEMS, 7):
        count, price = number(1, 3), number(89, 999)
        total += count * price
        rows.append((f"{item} x{count}", pounds(count * price)))
    tax = total // 5
    rows += [("SUBTOTAL", pounds(total)), ("VAT 20%", pounds(tax)), ("TOTAL GBP", pounds(total + tax))]
    return [*rows, (f"CARD ending {number(0, 9999):04d}",), ("THANK YOU FOR YOUR VISIT",)]


def pounds(pence: int) -> str:
    return f"{pence // 100}.{pence % 100:02d}"


def drawn(rows: list[tuple[str, ...]]) -> Image.Image:
    font = ImageFont.load_default(FONT_SIZE)
    page = Image.new("L", (WIDTH, 40 + LINE_HEIGHT * len(rows)), 255)
    pen = ImageDraw.Draw(page)
    for place, (left, *rest) in enumerate(rows):
        y = 20 + LINE_HEIGHT * place
        pen.text((MARGIN, y), left, font=font, fill=20)
        for right in rest:
            pen.text((WIDTH - MARGIN, y), right, font=font, fill=20, anchor="ra")
    return page


def similarity(read: str, lines: tuple[str, ...]) -> float:
    """Characters in common, line breaks among them; blanks within a line do not count."""
    found, truth = ("\n".join("".join(line.split()) for line in text) for text in (read.split("\n"), lines))
    return difflib.SequenceMatcher(None, found, truth, autojunk=False).ratio()
