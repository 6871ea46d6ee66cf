"""Writes each request to requests.jsonl when it ends, so that an aborted run loses nothing."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from .sample import Sample
from .texts import as_json


class Journal:
    """Lines of one level. Several processes may append to the same file: a line is one write."""

    def __init__(self, path: Path, point: str, zero_ns: int, broken: Callable[[str], None]) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        self._point, self._zero_ns, self._broken = point, zero_ns, broken

    def add(self, sample: Sample) -> None:
        line = (as_json({"point": self._point, **sample.line(self._zero_ns)}) + "\n").encode()
        try:
            if os.write(self._file, line) < len(line):
                self._broken("the results cannot be written: the disk is full")
        except OSError as error:
            self._broken(f"the results cannot be written: {error.strerror}")

    def close(self) -> None:
        os.close(self._file)


@contextlib.contextmanager
def journal(
    path: str | None, point: str, zero_ns: int, broken: Callable[[str], None]
) -> Iterator[Callable[[Sample], None]]:
    """Writes the samples of a level to a path; without a path nowhere."""
    if path is None:
        yield lambda _: None
        return
    kept = Journal(Path(path), point, zero_ns, broken)
    try:
        yield kept.add
    finally:
        kept.close()
