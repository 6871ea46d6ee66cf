"""A key of this user on this machine; mmcompose signs with it the files that it alone may write.

It lies in the user's state folder, outside any project: no commit can bring it, so no commit can bring a signature.
"""

from __future__ import annotations

import hashlib
import os
import stat
import sys
from contextlib import suppress
from pathlib import Path

LENGTH = 64
"""The letters of the key: 32 random bytes. A signature is twice as long."""


def found(root: Path) -> bytes | None:
    """The key, if it is a file that only this user can have written, outside the project."""
    place = _place()
    if place is None or sys.platform == "win32" or place.resolve().is_relative_to(root.resolve()):
        return None
    try:
        handle = os.open(place, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    try:
        about = os.fstat(handle)
        mine = stat.S_ISREG(about.st_mode) and about.st_uid == os.getuid() and not about.st_mode & 0o077
        key = os.read(handle, LENGTH + 1) if mine else b""
    finally:
        os.close(handle)
    return key if len(key) == LENGTH else None


def made(root: Path) -> bytes | None:
    """The key; makes one if there is none. A file in its place stays: a second program may be making it right now.
    Raises OSError."""
    from mmcompose.files import whole

    key, place = found(root), _place()
    if key is not None or place is None:
        return key
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with suppress(FileExistsError):
        whole.write(place, os.urandom(LENGTH // 2).hex(), over=False, mode=0o600)
    return found(root)


def signature(key: bytes, data: bytes, name: str) -> bytes:
    """Signs bytes together with a name, so that the signature of one thing fits no other."""
    return hashlib.blake2b(name.encode() + b"\0" + data, key=key, person=b"mmcompose").hexdigest().encode()


def folder() -> Path | None:
    """The folder of mmcompose's state for this user; None for a user without a home."""
    base = Path(os.environ.get("XDG_STATE_HOME", ""))
    try:
        return (base if base.is_absolute() else Path("~/.local/state").expanduser()) / "mmcompose"
    except RuntimeError:
        return None


def _place() -> Path | None:
    at = folder()
    return at / "key" if at else None
