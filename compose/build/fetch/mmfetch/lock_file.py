"""The hashes that a reviewer has seen: the commit and the files of a model, as JSON."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, replace
from typing import Any

from mmfetch.failures import USAGE, WRONG, Failure
from mmfetch.request import COMMIT, Listing, Request, Wanted, safe


@dataclass(frozen=True)
class Locked:
    """A commit and the size and sha256 of each of its files."""

    commit: str
    files: dict[str, tuple[int, str]]

    def compare(self, request: Request, listing: Listing) -> Listing:
        """The listing with the hashes of the lock, if the two agree."""
        if self.commit and self.commit != listing.commit:
            raise Failure(
                WRONG,
                f"the lock names commit {self.commit}, and {request} is {listing.commit}",
                AGAIN,
            )
        wanted = {path for path in self.files if request.wants(path)}
        listed = {file.path for file in listing.files}
        if more := sorted(listed - wanted):
            raise Failure(WRONG, f"the lock names no hash of {_some(more)}", AGAIN)
        if less := sorted(wanted - listed):
            raise Failure(WRONG, f"{request.repository.name} has no {_some(less)} any more", AGAIN)
        return replace(listing, files=tuple(self._with_hash(file) for file in listing.files))

    def _with_hash(self, file: Wanted) -> Wanted:
        size, sha256 = self.files[file.path]
        if size != file.size or (len(file.blob) == 64 and file.blob != sha256):
            raise Failure(
                WRONG, f"{file.path} is not the file that the lock names: its hash or size is another one", AGAIN
            )
        return replace(file, sha256=sha256)


AGAIN = "look at what changed on its page; if that is right, run mmcompose models lock and review the new hashes"


def read(path: str) -> Locked:
    """The lock in a file, or on the standard input for `-`."""
    try:
        if path == "-":
            document = json.load(sys.stdin)
        else:
            with open(path, encoding="utf-8") as file:
                document = json.load(file)
        return _checked(document)
    except OSError as error:
        raise Failure(USAGE, f"the hashes cannot be read from {path}: {error.strerror}") from error
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise Failure(
            USAGE,
            f"{path} holds no hashes: {error}",
            'it is JSON: {"commit": …, "files": {path: {"size": …, "sha256": …}}}',
        ) from error


def _checked(document: Any) -> Locked:
    commit = document.get("commit", "")
    if commit and not COMMIT.fullmatch(commit):
        raise ValueError(f"{commit!r} is no commit")
    files = {}
    for name, entry in document["files"].items():
        size, sha256 = entry["size"], entry["sha256"]
        if not isinstance(size, int) or len(sha256) != 64:
            raise ValueError(f"{name} has no size and sha256")
        files[safe(name, "the lock")] = (size, sha256.lower())
    return Locked(commit, files)


def _some(paths: list[str]) -> str:
    return paths[0] if len(paths) == 1 else f"{paths[0]} and {len(paths) - 1} more"
