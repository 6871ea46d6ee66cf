"""Proves that a file was written on this machine: only then may a render trust the lock, and a failed start return
to the last files that answered.

A lock comes with a commit, so its author chose its content. The seal is made with this user's key, which no commit can
bring. A sealed lock states which inputs became which outputs, and that stays true wherever the files are copied.
Without a key or a seal only the short cut is lost.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from mmcompose.files import key as keys
from mmcompose.files.reading import start_of
from mmcompose.model.paths import PRIVATE

_LOCK = "lock"


def holds(root: Path, data: bytes, name: str = _LOCK) -> bool:
    """Whether this user sealed these bytes, of the lock or of the file `name`, on this machine."""
    sealed = start_of(f"{root}/{PRIVATE}/{name}.seal", 2 * keys.LENGTH)
    key = keys.found(root) if sealed and data else None
    return key is not None and sealed == keys.signature(key, data, name)


def put(root: Path, data: bytes, name: str = _LOCK) -> None:
    """Seals new bytes. A failure loses only what the seal allows."""
    from mmcompose.files import private

    with suppress(OSError):
        key = keys.made(root)
        if key:
            private.write(root, f"{name}.seal", keys.signature(key, data, name).decode())
