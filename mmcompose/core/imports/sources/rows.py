"""Walks through a file of Compose: its forms of lists and mappings, and rows that take a value."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from mmcompose.core.imports.sources.found import Found, left_out
from mmcompose.model import Setting

Take = Callable[[Found, Setting, str], None]
"""Takes the value of one key into a container; the text is the key's path, for the report."""


def items(value: Setting | None) -> Iterator[tuple[str, Setting]]:
    if value is not None and isinstance(value.value, dict):
        yield from value.value.items()


def each(value: Setting) -> tuple[Setting, ...]:
    return value.value if isinstance(value.value, tuple) else (value,)


def pairs(value: Setting | None) -> Iterator[tuple[str, Setting]]:
    """A mapping, or a list of `NAME=value`. A name alone has the value None."""
    if value is None:
        return
    if isinstance(value.value, dict):
        yield from value.value.items()
        return
    for item in each(value):
        name, equals, text = plain(item).partition("=")
        yield name, item._replace(value=text if equals else None)


def plain(value: Setting) -> str:
    if isinstance(value.value, bool):
        return str(value.value).lower()
    return "" if value.value is None or isinstance(value.value, (dict, tuple)) else str(value.value)


def to(path: str, convert: Callable[[Any], Any] = str) -> Take:
    def take(found: Found, value: Setting, key: str) -> None:
        made = None if isinstance(value.value, (dict, tuple)) else convert(value.value)
        if made is None:
            found.remarks.append(left_out(value.place, key, f"{shown(value)} has no form in a profile"))
        else:
            found.put(path, made, value.origin)

    return take


def shown(value: Setting) -> str:
    return "a mapping or list" if isinstance(value.value, (dict, tuple)) else repr(value.value)


def listed(path: str) -> Take:
    return lambda found, value, _: found.put(
        path, [plain(item).removeprefix("CAP_") for item in each(value)], value.origin
    )


def text_of(part: Mapping[str, Setting], name: str) -> str:
    return plain(part[name]) if name in part else ""
