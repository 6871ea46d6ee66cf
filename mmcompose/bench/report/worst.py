"""Shows the texts that a model read worst, beside their pictures."""

from __future__ import annotations

import base64
import difflib
import hashlib
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from mmcompose.bench.results.record import Record, at, number
from mmcompose.files.reading import content

IMAGES = "images"
"""The folder of a run with the pictures of its worst answers, so that its page can be made again anywhere."""

_MOST, _LONGEST = 6, 4000
_LARGEST = 2 * 1024 * 1024
_KINDS = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png", b"RIFF": "image/webp", b"GIF8": "image/gif"}


class Piece(NamedTuple):
    """A part of a text; `wrong` if it differs from the other text."""

    text: str
    wrong: bool = False


class WorstAnswer(NamedTuple):
    """One answer of the model beside the truth. `picture` is a data URL, or empty if the picture was not kept."""

    image: str
    point: str
    similarity: float | None
    missing: tuple[str, ...]
    read: tuple[Piece, ...]
    truth: tuple[Piece, ...]
    picture: str = ""


def answers(record: Record) -> list[WorstAnswer]:
    """The worst answers of all levels, each image once, the worst first."""
    lowest: dict[str, tuple[float, str, Mapping[str, Any]]] = {}
    for point, found in _kept(record):
        image, similarity = str(found.get("image")), number(found, "similarity")
        rank = 1.0 if similarity is None else similarity
        if image not in lowest or rank < lowest[image][0]:
            lowest[image] = (rank, point, found)
    chosen = sorted(lowest.items(), key=lambda item: (item[1][0], item[0]))[:_MOST]
    return [_answer(record, image, point, found) for image, (_, point, found) in chosen]


def keep_pictures(record: Record, folder: Path) -> None:
    """Copies the pictures of the worst answers into the run's folder. A page works without them too."""
    source = folder if folder.is_dir() else folder.parent
    for image in {str(found.get("image")) for _, found in _kept(record)}:
        place = source / image
        if not _is_name(image) or not place.is_file():
            continue
        with suppress(OSError):
            if place.stat().st_size <= _LARGEST and _digest(content(place)) == _expected(record, image):
                kept = record.folder / IMAGES / image
                kept.parent.mkdir(exist_ok=True)
                shutil.copyfile(place, kept)


def _kept(record: Record) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for point in record.points:
        listed = at(point, "score", "worst")
        for found in listed if isinstance(listed, list) else ():
            if isinstance(found, Mapping) and isinstance(found.get("answer"), str):
                yield point["name"], found


def _answer(record: Record, image: str, point: str, found: Mapping[str, Any]) -> WorstAnswer:
    expected = found.get("expected")
    read, truth = _compared(str(found["answer"]), expected if isinstance(expected, str) else "")
    missing = found.get("fields_missing")
    names = tuple(map(str, missing)) if isinstance(missing, list) else ()
    return WorstAnswer(image, point, number(found, "similarity"), names, read, truth, _picture(record, image))


def _compared(answer: str, truth: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Compares both texts piece by piece, so that a reader sees at once where they differ."""
    if not truth:
        return (Piece(answer[:_LONGEST]),), ()
    mine, theirs = answer[:_LONGEST].split(), truth[:_LONGEST].split()
    blocks = difflib.SequenceMatcher(None, mine, theirs, autojunk=False).get_opcodes()
    left = [Piece(" ".join(mine[a:b]), kind != "equal") for kind, a, b, _, _ in blocks if a < b]
    right = [Piece(" ".join(theirs[c:d]), kind != "equal") for kind, _, _, c, d in blocks if c < d]
    return tuple(left), tuple(right)


def _picture(record: Record, image: str) -> str:
    """The picture, only if it is the very file that was measured, and a picture."""
    if not _is_name(image):
        return ""
    try:
        place = record.folder / IMAGES / image
        data = content(place) if place.stat().st_size <= _LARGEST else b""
    except OSError:
        return ""
    kind = next((kind for start, kind in _KINDS.items() if data.startswith(start)), "")
    if not kind or _digest(data) != _expected(record, image):
        return ""
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


def _expected(record: Record, image: str) -> str:
    listed: Sequence[Any] = at(record.result, "load", "images") or ()
    return next((str(one.get("sha256")) for one in listed if isinstance(one, Mapping) and one.get("name") == image), "")


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _is_name(image: str) -> bool:
    return image not in ("", ".", "..") and not set(image) & set("/\\\0")
