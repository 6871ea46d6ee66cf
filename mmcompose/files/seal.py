"""Was this written here? Only then may a render believe a lock that nothing has changed, and a failed start go back to
the files of the last one that answered.

A lock comes with a commit, so whoever wrote the commit chose what it says. The seal is made with a key that lies in the
user's state folder, outside any project: no commit can bring it, so no commit can bring a seal, however it was added.
A sealed lock says what inputs became what outputs, and that stays true wherever the files are copied to. Without a key
or a seal nothing is lost but the short cut.
"""

from __future__ import annotations

import hashlib
import os
import stat
import sys
from contextlib import suppress
from pathlib import Path

from mmcompose.files.reading import start_of

_KEY = 64
"""How many letters a key has: 32 random bytes."""
_LOCK = "lock"


def holds(root: Path, data: bytes, name: str = _LOCK) -> bool:
    """Whether these bytes of the lock, or of what `name` says, were sealed by this user on this machine."""
    said = start_of(f"{root}/{_place_of(name)}", 2 * _KEY)
    key = _key(root) if said and data else None
    return key is not None and said == _seal(key, data, name)


def put(root: Path, data: bytes, name: str = _LOCK) -> None:
    """Seal what was just written. Where the seal cannot be written, only what it is for is lost."""
    from mmcompose.files import private

    with suppress(OSError):
        key = _key(root) or _new_key(root)
        if key:
            private.write(root, f"{name}.seal", _seal(key, data, name).decode())


def _place_of(name: str) -> str:
    return f".mmcompose/{name}.seal"


def _seal(key: bytes, data: bytes, name: str) -> bytes:
    # The name is a part of what is sealed: no seal of one thing serves for another.
    return hashlib.blake2b(name.encode() + b"\0" + data, key=key, person=b"mmcompose").hexdigest().encode()


def _place() -> Path:
    """Where the key is: in the folder for what a user's programs remember."""
    base = Path(os.environ.get("XDG_STATE_HOME", ""))
    return (base if base.is_absolute() else Path("~/.local/state").expanduser()) / "mmcompose/key"


def _key(root: Path) -> bytes | None:
    """The key, if it is a file that only this user can have written, and no part of the project."""
    place = _place()
    if sys.platform == "win32" or place.resolve().is_relative_to(root.resolve()):
        return None
    try:
        handle = os.open(place, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    try:
        about = os.fstat(handle)
        mine = stat.S_ISREG(about.st_mode) and about.st_uid == os.getuid() and not about.st_mode & 0o077
        key = os.read(handle, _KEY + 1) if mine else b""
    finally:
        os.close(handle)
    return key if len(key) == _KEY else None


def _new_key(root: Path) -> bytes | None:
    """Made once. A file in its place is not replaced: a second program may be making it right now."""
    from mmcompose.files import whole

    place = _place()
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with suppress(FileExistsError):
        whole.write(place, os.urandom(_KEY // 2).hex(), over=False, mode=0o600)
    return _key(root)
