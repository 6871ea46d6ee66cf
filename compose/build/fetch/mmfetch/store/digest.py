"""The hashes by which the hub names contents: sha256 of large files, git's own hash of small ones."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

BUFFER = 1 << 20
_NAME = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


class Digest(Protocol):
    """A hash that takes bytes as they come."""

    def update(self, data: bytes | bytearray | memoryview, /) -> None: ...

    def hexdigest(self) -> str: ...

    def copy(self) -> Digest: ...


def is_name(blob: object) -> bool:
    """Whether a text is the name of a blob, so that the blob can be checked by it."""
    return isinstance(blob, str) and bool(_NAME.fullmatch(blob))


def begun(blob: str, size: int) -> Digest:
    """A hash that ends in the blob's name if its content is right."""
    if len(blob) == 64:
        return hashlib.sha256()
    return hashlib.sha1(b"blob %d\0" % size, usedforsecurity=False)


def feed(path: Path, *digests: Digest, until: int | None = None, seen: Callable[[int], None] | None = None) -> int:
    """Reads a file once into all these hashes, at most so many bytes; how many there were."""
    buffer = memoryview(bytearray(BUFFER))
    count = 0
    with open(path, "rb", buffering=0) as file:
        while (room := BUFFER if until is None else min(BUFFER, until - count)) and (
            got := file.readinto(buffer[:room])
        ):
            for digest in digests:
                digest.update(buffer[:got])
            count += got
            if seen:
                seen(got)
    return count


def right(path: Path, size: int, blob: str, sha256: str = "", seen: Callable[[int], None] | None = None) -> bool:
    """Whether a file has the content that its name, and a lock, promise."""
    try:
        if path.stat().st_size != size:
            return False
        digests = [begun(blob, size), *([hashlib.sha256()] if sha256 and sha256 != blob else [])]
        feed(path, *digests, seen=seen)
    except OSError:
        return False
    return [digest.hexdigest() for digest in digests] == [blob, sha256][: len(digests)]
