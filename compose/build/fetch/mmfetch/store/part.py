"""A file on its way: it lies apart until its size and hash are right, and only then gets its name."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import NamedTuple

from mmfetch.failures import WRONG, Failure, of_system
from mmfetch.request import Wanted
from mmfetch.store.digest import Digest, begun, feed


class Mark(NamedTuple):
    """A place in a part, with the hashes up to there."""

    size: int
    digests: list[Digest]


class Part:
    """The bytes that have arrived, hashed as they come. An earlier run's bytes are taken up."""

    def __init__(self, path: Path, wanted: Wanted) -> None:
        self.path = path
        self._wanted = wanted
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise of_system(error, str(path.parent)) from error
        self.size = 0
        self._start_hashes()
        self.earlier = os.fstat(self._file).st_size
        if 0 < self.earlier <= wanted.size:
            self.size = feed(path, *self._digests, until=self.earlier)
            os.lseek(self._file, self.size, os.SEEK_SET)
        elif self.earlier:
            self.restart()

    def _start_hashes(self) -> None:
        wanted = self._wanted
        further = [hashlib.sha256()] if wanted.sha256 and wanted.sha256 != wanted.blob else []
        self._digests: list[Digest] = [begun(wanted.blob, wanted.size), *further]

    def write(self, data: memoryview) -> None:
        """Appends bytes."""
        try:
            rest = data
            while rest:
                rest = rest[os.write(self._file, rest) :]
        except OSError as error:
            raise of_system(error, str(self.path.parent)) from error
        for digest in self._digests:
            digest.update(data)
        self.size += len(data)

    def mark(self) -> Mark:
        """The place up to which the bytes are good for all that is known."""
        return Mark(self.size, [digest.copy() for digest in self._digests])

    def back_to(self, mark: Mark) -> None:
        """Drops the bytes behind a mark."""
        os.ftruncate(self._file, mark.size)
        os.lseek(self._file, mark.size, os.SEEK_SET)
        self.size, self._digests = mark.size, mark.digests

    def restart(self) -> None:
        """Drops all bytes."""
        os.ftruncate(self._file, 0)
        os.lseek(self._file, 0, os.SEEK_SET)
        self.size = self.earlier = 0
        self._start_hashes()

    def is_right(self) -> bool:
        """Whether the bytes are those that were wanted."""
        wanted = self._wanted
        promised = [wanted.blob, wanted.sha256][: len(self._digests)]
        return self.size == wanted.size and [digest.hexdigest() for digest in self._digests] == promised

    def finish(self, place: Path) -> None:
        """Gives the file its name, once it is right and on the disk."""
        if not self.is_right():
            self.drop()
            raise Failure(WRONG, f"{self._wanted.path} has other bytes than its hash {self._wanted.blob} promises")
        try:
            os.fsync(self._file)
            os.replace(self.path, place)
        except OSError as error:
            raise of_system(error, str(place.parent)) from error
        finally:
            self.close()

    def drop(self) -> None:
        """Removes the file."""
        self.path.unlink(missing_ok=True)
        self.close()

    def close(self) -> None:
        """Leaves the file as it is, for the next run."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
