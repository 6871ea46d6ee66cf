"""One run at a time for each repository: a second one waits, and then finds nothing to do."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from mmfetch.failures import of_system
from mmfetch.report import Report
from mmfetch.store.layout import Store


@contextmanager
def alone(store: Store, owner: str, report: Report) -> Iterator[None]:
    """Holds the lock of a repository. The kernel frees it when the process ends, however it ends."""
    path = store.room_for(store.lock(owner))
    try:
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
    except OSError as error:
        raise of_system(error, str(store.root)) from error
    try:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            report.phase("wait", f"another run works on {owner}: waiting for it")
            fcntl.flock(file, fcntl.LOCK_EX)
        except OSError:
            report.note(f"the file system of {store.root} has no locks: do not fetch one model twice at once")
        yield
    finally:
        os.close(file)
