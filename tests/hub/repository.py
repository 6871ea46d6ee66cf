"""A repository of the double: its files, and the hashes by which the real hub would name them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

SMALL = 1 << 20
"""Smaller files lie in git, larger ones in LFS, which the hub names by sha256 and redirects to another host."""
LARGE_ENDINGS = (".safetensors", ".gguf", ".bin")


@dataclass(frozen=True)
class Content:
    """The bytes of one file, from memory or a disk."""

    data: bytes | Path
    large: bool

    @cached_property
    def size(self) -> int:
        return self.data.stat().st_size if isinstance(self.data, Path) else len(self.data)

    @cached_property
    def sha256(self) -> str:
        digest = hashlib.sha256()
        self._feed(digest)
        return digest.hexdigest()

    @cached_property
    def git(self) -> str:
        digest = hashlib.sha1(b"blob %d\0" % self.size)
        self._feed(digest)
        return digest.hexdigest()

    @property
    def etag(self) -> str:
        return self.sha256 if self.large else self.git

    def _feed(self, digest: Any) -> None:
        if isinstance(self.data, bytes):
            digest.update(self.data)
            return
        with self.data.open("rb") as file:
            while piece := file.read(1 << 20):
                digest.update(piece)


@dataclass(frozen=True)
class Repository:
    """The files at `main`; further branches, tags and commits by name in ``others``."""

    name: str
    files: Mapping[str, bytes | Path]
    kind: str = "model"
    gated: bool = False
    private: bool = False
    licence: str = "apache-2.0"
    others: Mapping[str, Mapping[str, bytes | Path]] = field(default_factory=dict)

    @classmethod
    def of_folder(cls, name: str, folder: Path, **more: Any) -> Repository:
        files = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}
        return cls(name, files, **more)

    @cached_property
    def main(self) -> dict[str, Content]:
        return _contents(self.files)

    @cached_property
    def commit(self) -> str:
        return _commit(self.name, self.main)

    @cached_property
    def _further(self) -> dict[str, dict[str, Content]]:
        return {name: _contents(files) for name, files in self.others.items()}

    def all_contents(self) -> Iterator[tuple[str, Content]]:
        for contents in (self.main, *self._further.values()):
            yield from contents.items()

    def at(self, revision: str) -> tuple[str, dict[str, Content]] | None:
        """The commit and the files of a revision."""
        if revision in {"main", self.commit}:
            return self.commit, self.main
        for name, contents in self._further.items():
            commit = _commit(self.name, contents)
            if revision in {name, commit}:
                return commit, contents
        return None


def _contents(files: Mapping[str, bytes | Path]) -> dict[str, Content]:
    def large(path: str, data: bytes | Path) -> bool:
        return path.endswith(LARGE_ENDINGS) or Content(data, large=True).size >= SMALL

    return {path: Content(data, large(path, data)) for path, data in files.items()}


def _commit(name: str, contents: Mapping[str, Content]) -> str:
    listed = [name, *(f"{path} {content.etag}" for path, content in sorted(contents.items()))]
    return hashlib.sha1("\n".join(listed).encode()).hexdigest()
