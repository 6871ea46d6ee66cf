"""Where the bed keeps its things, and the locks that let two set-ups run at once."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def home() -> Path:
    """The bed's folder; everything in it can be made again."""
    folder = Path(os.environ.get("MMCOMPOSE_BED") or "/var/tmp/mmcompose-bed")
    if not folder.is_absolute():
        folder = Path.cwd() / folder
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def folder(*parts: str) -> Path:
    made = home().joinpath(*parts)
    made.mkdir(parents=True, exist_ok=True)
    return made


@contextmanager
def only_one(name: str) -> Iterator[None]:
    """Hold the bed's lock of that name; the kernel lets go of it when the process dies, however it dies."""
    path = folder("locks") / name
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print(f"waiting for another set-up of {name} (lock {path})", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
