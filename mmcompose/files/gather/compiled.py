"""Keeps compiled templates beside this user's key: compiling them is a quarter of a check.

The kept code is Python, and reading it runs it. So each file is signed with that key, together with everything that its
code was made from: the template's text, mmcompose, Jinja and Python. A file without that signature is ignored. Without
a key only time is lost.
"""

from __future__ import annotations

import hashlib
import marshal
import sys
from contextlib import suppress
from functools import cache, cached_property
from importlib.util import find_spec
from pathlib import Path
from types import CodeType

from mmcompose.files import key as keys
from mmcompose.files import whole
from mmcompose.files.gather import lock
from mmcompose.files.reading import start_of

_LARGEST = 4 << 20
_MANY = 500
"""The limit of kept files. Beyond it all are removed, since most are of old texts."""


class Compiled:
    """The code of templates, keyed by everything that it was made from."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def code(self, *parts: str) -> CodeType | None:
        if self._key is None or self._folder is None:
            return None
        name = self._name(parts)
        data = start_of(f"{self._folder}/{name}", _LARGEST)
        signature, payload = data[: 2 * keys.LENGTH], data[2 * keys.LENGTH :]
        if not payload or signature != keys.signature(self._key, payload, name):
            return None
        code = marshal.loads(payload)  # noqa: S302 - only what was signed comes this far
        return code if isinstance(code, CodeType) else None

    def keep(self, code: CodeType, *parts: str) -> None:
        if self._folder is None:
            return
        with suppress(OSError):
            key = self._key or keys.made(self._root)
            if key is not None:
                self._make_room(self._folder)
                name, payload = self._name(parts), marshal.dumps(code)
                whole.write(self._folder / name, keys.signature(key, payload, name) + payload, mode=0o600)

    @cached_property
    def _key(self) -> bytes | None:
        return keys.found(self._root)

    @cached_property
    def _folder(self) -> Path | None:
        """The folder of kept code, outside any project."""
        folder = keys.folder()
        inside = folder is None or folder.resolve().is_relative_to(self._root.resolve())
        return None if folder is None or inside else folder / "templates"

    def _name(self, parts: tuple[str, ...]) -> str:
        text = "\0".join((*_makers(), *parts))
        return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()

    def _make_room(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        there = list(folder.iterdir())
        if len(there) > _MANY:
            for place in there:
                place.unlink(missing_ok=True)


@cache
def _makers() -> tuple[str, ...]:
    """The programs that make code of a template. A distribution may patch Jinja at the same version, so its files
    count."""
    found = find_spec("jinja2")
    files = sorted(Path(found.origin).parent.glob("*.py")) if found and found.origin else []
    state = [f"{file.name} {about.st_size} {about.st_mtime_ns}" for file in files for about in [file.stat()]]
    return lock.compiler(), sys.version, *state
