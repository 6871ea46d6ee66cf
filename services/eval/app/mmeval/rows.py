"""Reads the questions of an eval from a JSONL file of a folder; each fault is named with its line."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from benchmarks.mmbench.settings import SettingsError

LARGEST = 256 << 20

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Data(Generic[Row]):
    """The questions that are asked, of `rows_of` in the file. `sha256` is that of their lines alone, so that runs with
    the same questions can be compared."""

    name: str
    sha256: str
    file_sha256: str
    rows: list[Row]
    rows_of: int

    def described(self) -> dict[str, Any]:
        return {"name": self.name, "sha256": self.file_sha256, "rows": self.rows_of}


def read(place: str, names: Sequence[str], row: Callable[[Any, int], Row], limit: int | None, origin: str) -> Data[Row]:
    """The questions of the first of these files in the folder, or of the file itself. `row` makes one from a line and
    its number; `origin` tells where the file comes from."""
    if not place:
        raise SettingsError(f"name the folder with the questions by --data: {origin}")
    path = _found(Path(place), names, origin)
    try:
        if path.stat().st_size > LARGEST:
            raise SettingsError(f"{path}: larger than {LARGEST >> 20} MiB")
        content = path.read_bytes()
    except OSError as error:
        raise SettingsError(f"{path}: {error.strerror}") from None
    lines = [(number, line) for number, line in enumerate(content.splitlines(), 1) if line.strip()]
    if not lines:
        raise SettingsError(f"{path}: there is no question in it; {origin}")
    chosen = lines[:limit]
    rows = [_row(path, number, line, row) for number, line in chosen]
    digest = hashlib.sha256(b"\n".join(line.strip() for _, line in chosen)).hexdigest()
    return Data(path.name, digest, hashlib.sha256(content).hexdigest(), rows, len(lines))


def _found(place: Path, names: Sequence[str], origin: str) -> Path:
    if place.is_file():
        return place
    if not place.is_dir():
        raise SettingsError(f"--data {place}: no such file or folder; {origin}")
    found = next((place / name for name in names if (place / name).is_file()), None)
    if found is None:
        raise SettingsError(f"--data {place}: none of {', '.join(names)} lies there; {origin}")
    return found


def _row(path: Path, number: int, line: bytes, row: Callable[[Any, int], Row]) -> Row:
    try:
        return row(json.loads(line), number)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        shown = f"{error} is missing" if isinstance(error, KeyError) else str(error)
        raise SettingsError(f"{path}:{number}: {shown}") from None
