"""A value and its history: where it was written, what it overrode, and what may be wrong with it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, NamedTuple

Scalar = str | int | float | bool | None
Path = tuple[str | int, ...]


class Origin(NamedTuple):
    """Where a value was written. `file` is relative to the project, or the name of an option such as `--set`."""

    layer: str
    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        if not self.line:
            return self.file
        return f"{self.file}:{self.line}:{self.column}"


class Setting(NamedTuple):
    """A value, where it stands, where its key stands, and the settings that it overrode, nearest first."""

    value: Any  # Scalar, dict[str, Setting] or tuple[Setting, ...]
    origin: Origin
    key: Origin | None = None
    overrode: tuple[Setting, ...] = ()

    @property
    def place(self) -> Origin:
        """The line to show in an editor: that of the key, if there is one."""
        return self.key or self.origin

    def leading_to(self, value: Any) -> Setting:
        """A value that follows from this one; its origin is the line where this one was written."""
        return Setting(value, self.origin, self.key)

    def at(self, path: Path) -> Setting | None:
        here: Setting | None = self
        for part in path:
            value = here.value if here else None
            if isinstance(value, dict):
                here = value.get(part)
            elif isinstance(value, tuple) and isinstance(part, int) and part < len(value):
                here = value[part]
            else:
                return None
        return here

    def present(self, path: Path) -> Setting | None:
        """The setting at `path`, unless it is missing or null: a null takes back what a layer below set."""
        found = self.at(path)
        return None if found is None or found.value is None else found

    def nearest(self, path: Path) -> Setting:
        """The setting at `path`, or the deepest setting above it."""
        for length in range(len(path), -1, -1):
            found = self.at(path[:length])
            if found is not None:
                return found
        return self

    def children(self) -> Iterable[tuple[str | int, Setting]]:
        """The settings inside this one, by name or index."""
        value = self.value
        return value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, tuple) else ()

    def leaves(self, path: Path = ()) -> Iterator[tuple[Path, Setting]]:
        if isinstance(self.value, dict):
            for name, child in self.value.items():
                yield from child.leaves((*path, name))
        else:
            yield path, self

    def written(self) -> Any:
        """The bare data as it was written, with its nulls."""
        value = self.value
        if isinstance(value, dict):
            return {name: child.written() for name, child in value.items()}
        return [child.written() for child in value] if isinstance(value, tuple) else value

    def plain(self) -> Any:
        """The bare data without nulls: a null in a mapping removes what was inherited."""
        value = self.value
        if isinstance(value, dict):
            return {name: child.plain() for name, child in value.items() if child.value is not None}
        if isinstance(value, tuple):
            return [child.plain() for child in value]
        return value


class Layer(NamedTuple):
    """One file's data. Layers are folded in the order of their list; later layers win."""

    name: str
    file: str
    root: Setting
    aside: tuple[Path, ...] = ()
    """The faults of the file. Their values are left out of the data, so that the rest can still be judged."""


@lru_cache(4096)
def dotted(path: Path) -> str:
    """`("services", 0, "image")` as people write it: `services[0].image`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


_STEP = re.compile(r"([^.\[\]]+)|\[([0-9]+)\]")


@lru_cache(4096)
def parse_path(text: str) -> Path:
    """`services[0].image` is ("services", 0, "image"): the inverse of `dotted`."""
    return tuple(int(index) if index else name for name, index in _STEP.findall(text))


def meet(one: Path, other: Path) -> bool:
    """Whether one path equals the other, or lies above or below it."""
    return all(a == b for a, b in zip(one, other, strict=False))
