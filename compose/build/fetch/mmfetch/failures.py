"""Failures that end a run: one message, one hint, and the exit code that tells scripts what kind it is."""

from __future__ import annotations

USAGE = 2
REFUSED = 3
NETWORK = 4
WRONG = 5
SPACE = 6
DENIED = 7


class Failure(Exception):  # noqa: N818
    """A run that cannot go on: what is wrong, and what to do about it."""

    def __init__(self, code: int, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint


class Stopped(Exception):  # noqa: N818
    """Another file has failed, so this one is given up; what has arrived of it stays."""


def of_system(error: OSError, path: str) -> Failure:
    """An error of the disk in the words of this program."""
    import errno

    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return Failure(
            SPACE,
            f"the disk of {path} is full",
            "free some space and fetch again: what has arrived is kept, and goes on from there",
        )
    if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        return Failure(DENIED, f"{path} may not be written: {error.strerror}", may_write(path))
    return Failure(DENIED, f"{error.filename or path}: {error.strerror or error}")


def may_write(path: str) -> str:
    """Who may write there, and who tried."""
    import os

    try:
        owner = os.stat(path).st_uid
    except OSError:
        return f"let user {os.getuid()} write there"
    if owner == os.getuid():
        return "mount it writable for the fetch service"
    return f"it belongs to user {owner} and this runs as user {os.getuid()}: give user {os.getuid()} write access"
