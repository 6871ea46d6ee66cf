"""Finds the right answers for images: the named file, or truth.json beside them."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from .images import RECEIPTS, Image
from .score import Expected, TruthError, read_truth


def image_options(to: argparse.ArgumentParser) -> None:
    to.add_argument(
        "--image", default=str(RECEIPTS), metavar="PATH", help="an image or a folder (default: the shipped receipts)"
    )
    to.add_argument("--truth", metavar="FILE", help="right answers (default: truth.json beside the images)")
    to.add_argument("--fields", metavar="NAME,…", help="score only these fields of the ground truth")


def ground_truth(image: str, named: str | None, fields: str | None, images: Sequence[Image]) -> dict[str, Expected]:
    """The right answers by the names of the images; empty where no file is named and none lies beside them."""
    place = Path(image)
    beside = (place if place.is_dir() else place.parent) / "truth.json"
    path = Path(named) if named else beside if beside.is_file() else None
    if path is None:
        return {}
    names = {each.name for each in images}
    truth = {name: entry for name, entry in read_truth(path).items() if name in names}
    if named and not truth:
        raise TruthError(f"{path}: no entry for any of the images ({', '.join(sorted(names)[:5])})")
    if fields:
        wanted = [each.strip() for each in fields.split(",") if each.strip()]
        truth = {name: Expected(None, chosen(entry, wanted, f"{path}: {name}")) for name, entry in truth.items()}
    return truth


def chosen(entry: Expected, wanted: Sequence[str], where: str) -> tuple[tuple[str, str], ...]:
    fields = dict(entry.fields)
    missing = [name for name in wanted if name not in fields]
    if missing:
        raise TruthError(f"{where}: no field {missing[0]!r} (there are: {', '.join(fields) or 'none'})")
    return tuple((name, fields[name]) for name in wanted)
