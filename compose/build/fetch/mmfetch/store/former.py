"""Caches of before: an engine's own volume, where files of this model may lie already under any name.

A file is taken by its content alone. So every layout is understood: the hub client's, also inside `huggingface/hub`,
and those of llama.cpp, which kept flat names such as `org_name_file.gguf` before it took over the hub client's.
"""

from __future__ import annotations

import os
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

from mmfetch.failures import Stopped
from mmfetch.request import Repository, Wanted
from mmfetch.store.digest import BUFFER
from mmfetch.store.part import Part

DEEPEST = 12
MOST_FILES = 500_000
MOST_TRIED = 8


class Former:
    """The files of former caches by their size."""

    def __init__(self, roots: tuple[str, ...]) -> None:
        self._by_size: defaultdict[int, list[str]] = defaultdict(list)
        self._caches: list[tuple[str, str]] = []
        self.unreadable: list[str] = []
        count = 0
        for root in roots:
            for folder, below, names in os.walk(root, onerror=self._note):
                if folder.count(os.sep) - root.count(os.sep) >= DEEPEST:
                    below.clear()
                self._caches += [(name, os.path.join(folder, name)) for name in below if "--" in name]
                for name in names:
                    path = os.path.join(folder, name)
                    # Links are seen where they lead to; whatever leads out of the cache is never opened.
                    if count < MOST_FILES and not os.path.islink(path):
                        count += 1
                        self._by_size[_size(path)].append(path)

    def _note(self, error: OSError) -> None:
        if not isinstance(error, FileNotFoundError):
            self.unreadable.append(str(error.filename))

    def folders(self, repository: Repository) -> Iterator[Path]:
        """The folders of a repository in caches of the hub's client."""
        return (Path(path) for name, path in self._caches if name == repository.folder)

    def candidates(self, wanted: Wanted) -> list[Path]:
        """The files that may be the wanted one, the likeliest first."""
        last = wanted.path.rpartition("/")[2]

        def rank(path: str) -> int:
            name = os.path.basename(path)
            return 0 if name == wanted.blob else 1 if name.endswith(last) else 2

        found = sorted(self._by_size.get(wanted.size, ()), key=rank)
        # Two large files of one size are one file nearly always; small ones share sizes, and cost little to fetch.
        return [Path(path) for path in found if rank(path) < 2 or wanted.size > BUFFER][:MOST_TRIED]

    def take(self, wanted: Wanted, part: Part, advance: Callable[[int], None], stop: threading.Event) -> bool:
        """Copies the wanted file from a former cache if one has it."""
        return any(copied(path, part, advance, stop) for path in self.candidates(wanted))


def copied(path: Path, part: Part, advance: Callable[[int], None], stop: threading.Event) -> bool:
    """Fills the part from a file, hashed on the way; what it had before stays if that was another content."""
    buffer = memoryview(bytearray(BUFFER))
    before = part.mark()
    try:
        with open(path, "rb", buffering=0) as file:
            file.seek(part.size)
            while got := file.readinto(buffer):
                if stop.is_set():
                    raise Stopped
                part.write(buffer[:got])
                advance(got)
    except OSError:
        # One that cannot be read is as good as none.
        pass
    if part.is_right():
        return True
    advance(before.size - part.size)
    part.back_to(before)
    return False


def _size(path: str) -> int:
    try:
        return os.lstat(path).st_size
    except OSError:
        return -1
