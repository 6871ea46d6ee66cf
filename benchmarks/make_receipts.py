"""Draws the eight receipts of the OCR sweep, and writes what stands on them to truth.json.

    python benchmarks/make_receipts.py        (needs Pillow; the output is committed, so nobody has to run this)

Deterministic: the same Pillow gives the same bytes. Each receipt is tilted by up to a degree and a little blurred, like
a scan; the texts are invented.
"""

from __future__ import annotations

import json
import random
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter, ImageFont

OUT = Path(__file__).parent / "receipts"
COUNT, WIDTH, MARGIN, TEXT_SIZE = 8, 620, 36, 24
SHOPS = (
    ("GREEN VALLEY GROCER", "14 Market Street, Oldham"),
    ("HARBOUR HARDWARE LTD", "2 Quay Road, Whitby"),
    ("CORNER BOOKSHOP", "88 High Street, Ludlow"),
    ("NORTHSIDE PHARMACY", "301 Station Road, Leeds"),
    ("THE DAILY BAKER", "7 Mill Lane, Totnes"),
    ("CITY STATIONERS", "45 Queen Street, Derby"),
    ("RIVERSIDE GARDEN CENTRE", "Unit 3, Bridge Park, Hexham"),
    ("STAR ELECTRICAL", "19 Castle Road, Bedford"),
)
ITEMS = (
    "Apples 1kg", "Brown bread", "Olive oil", "Rice 2kg", "Coffee beans", "Green tea", "Notebook A5", "Blue pens",
    "Batteries AA", "Light bulb", "Wood screws", "Paint brush", "Hand soap", "Bandages", "Seed packet", "Plant pot",
    "USB cable", "Desk lamp", "Oat milk", "Dark chocolate",
)  # fmt: skip


def receipt(number: int) -> tuple[list[tuple[str, str]], dict[str, str]]:
    """Lines as (left, right), and the fields that an answer must hold."""
    rng = random.Random(f"receipt {number}")
    shop, address = SHOPS[number]
    date = f"{rng.randint(1, 28):02d}/{rng.randint(1, 12):02d}/{rng.randint(2021, 2025)}"
    invoice = f"INV-{rng.randint(100000, 999999)}"
    lines = [(shop, ""), (address, ""), (f"Date: {date}", f"{rng.randint(8, 19):02d}:{rng.randint(0, 59):02d}")]
    lines.append((f"Invoice: {invoice}", ""))
    total = 0
    for name in rng.sample(ITEMS, rng.randint(5, 9)):
        count, pence = rng.randint(1, 4), rng.randint(60, 1999)
        total += count * pence
        lines.append((f"{count} x {name}", f"{count * pence / 100:.2f}"))
    lines += [("TOTAL", f"{total / 100:.2f}"), ("Paid by card", ""), ("Thank you for your visit", "")]
    return lines, {"shop": shop, "date": date, "invoice": invoice, "total": f"{total / 100:.2f}"}


def drawn(lines: list[tuple[str, str]], number: int) -> Image.Image:
    rng = random.Random(f"scan {number}")
    step = TEXT_SIZE + 16
    font = ImageFont.load_default(TEXT_SIZE)
    image = Image.new("L", (WIDTH, 2 * MARGIN + step * len(lines)), 250)
    pen = ImageDraw.Draw(image)
    for row, (left, right) in enumerate(lines):
        top = MARGIN + row * step
        pen.text((MARGIN, top), left, fill=25, font=font)
        if right:
            pen.text((WIDTH - MARGIN, top), right, fill=25, font=font, anchor="ra")
    tilted = image.rotate(rng.uniform(-1, 1), resample=Image.Resampling.BICUBIC, fillcolor=250)
    return tilted.filter(ImageFilter.GaussianBlur(rng.uniform(0.2, 0.6)))


def main() -> None:
    OUT.mkdir(exist_ok=True)
    truth = {}
    for number in range(COUNT):
        lines, fields = receipt(number)
        name = f"receipt-{number + 1}.jpg"
        drawn(lines, number).save(OUT / name, quality=85)
        truth[name] = {"text": "\n".join(" ".join(filter(None, line)) for line in lines), "fields": fields}
    (OUT / "truth.json").write_text(json.dumps(truth, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
