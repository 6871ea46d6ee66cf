"""The repository and the part of it that a service wants, and the names that follow from it."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from fnmatch import fnmatchcase

from mmfetch.failures import USAGE, WRONG, Failure

COMMIT = re.compile(r"[0-9a-f]{40}")
_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
_REVISION = re.compile(r"[A-Za-z0-9_.][A-Za-z0-9_./+-]*")


def inside(path: str) -> bool:
    """Whether a name of a file stays below the folder that it is put into, on every system."""
    if not path or len(path) > 1000 or path.startswith("/") or "\\" in path or not path.isprintable():
        return False
    return all(part not in {"", ".", ".."} for part in path.split("/"))


@dataclass(frozen=True)
class Repository:
    """A repository of the hub: a model or a data set."""

    name: str
    kind: str = "model"

    def __post_init__(self) -> None:
        parts = self.name.split("/")
        if len(parts) > 2 or not all(_PART.fullmatch(part) for part in parts) or "--" in self.name:
            raise Failure(
                USAGE, f"{self.name!r} is no name of a repository", "write it as the hub does: organisation/name"
            )

    @property
    def folder(self) -> str:
        """Its folder in a cache of the hub's client."""
        return f"{self.kind}s--" + self.name.replace("/", "--")

    @property
    def page(self) -> str:
        """Its path below the address of the hub."""
        return self.name if self.kind == "model" else f"{self.kind}s/{self.name}"


@dataclass(frozen=True)
class Request:
    """A repository at a revision, and which of its files."""

    repository: Repository
    revision: str = "main"
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    plain: bool = False

    def __post_init__(self) -> None:
        if not _REVISION.fullmatch(self.revision) or not inside(self.revision):
            raise Failure(USAGE, f"{self.revision!r} is no revision", "write a branch, a tag or a commit")

    def wants(self, path: str) -> bool:
        """Whether a file is wanted; the globs mean what they mean to the hub's own client."""
        if self.include and not any(fnmatchcase(path, _whole(glob)) for glob in self.include):
            return False
        return not any(fnmatchcase(path, _whole(glob)) for glob in self.exclude)

    @property
    def key(self) -> str:
        """The name of its stamp."""
        detail = [self.revision, sorted(self.include), sorted(self.exclude), self.plain]
        short = hashlib.sha256(json.dumps(detail).encode()).hexdigest()[:12]
        return f"{self.repository.folder}-{short}"

    def __str__(self) -> str:
        return f"{self.repository.name} at {self.revision}"


def _whole(glob: str) -> str:
    return f"{glob}*" if glob.endswith("/") else glob


@dataclass(frozen=True)
class Wanted:
    """A file of a repository: its path there, its size, and the name of its blob, which is its hash."""

    path: str
    size: int
    blob: str
    sha256: str = ""
    """A further hash that a lock names; most blobs are named by theirs anyway."""


@dataclass(frozen=True)
class Listing:
    """The wanted files of a repository at one commit."""

    commit: str
    files: tuple[Wanted, ...]
    facts: tuple[tuple[str, object], ...] = ()
    """Further things that the hub says of it, for people."""

    @property
    def bytes(self) -> int:
        """The bytes of all files, each content counted once."""
        return sum({file.blob: file.size for file in self.files}.values())


def safe(path: object, source: str) -> str:
    """A file's name from outside, refused where it would leave its folder."""
    if isinstance(path, str) and inside(path):
        return path
    raise Failure(WRONG, f"{source} names a file {path!r}, which would lie outside of its folder")
