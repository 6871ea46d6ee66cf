"""Where the bed keeps its things, and the locks that let two set-ups run at once."""

from __future__ import annotations

import fcntl
import os
import zlib
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bed.commands import BedError

if TYPE_CHECKING:
    from collections.abc import Iterator


def home() -> Path:
    """The bed's folder; everything in it can be made again."""
    user = os.geteuid()
    usual = "/var/tmp/mmcompose-bed" + (f"-{user}" if user else "")
    folder = Path.cwd() / (os.environ.get("MMCOMPOSE_BED") or usual)
    folder.mkdir(parents=True, exist_ok=True)
    if folder.stat().st_uid != user:
        raise BedError(f"{folder} belongs to another user: set MMCOMPOSE_BED to a folder of your own")
    return folder


def folder(*parts: str) -> Path:
    made = home().joinpath(*parts)
    made.mkdir(parents=True, exist_ok=True)
    return made


def short() -> Path:
    """A folder of this bed's own for sockets, whose paths the kernel limits to 107 bytes."""
    made = Path(f"/run/mmcompose-bed-{zlib.crc32(bytes(home())):08x}")
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
