"""Walks through the tree of a YAML source: its forms of lists and mappings, and rows that take the value of a key."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from mmcompose.core.imports.sources.found import Found
from mmcompose.core.imports.sources.remarks import NO_KEY, Remarks, refusal
from mmcompose.core.read.load import load
from mmcompose.model import Setting
from mmcompose.model.failure import Invalid

Take = Callable[[Found, Setting, str], None]
"""Takes the value of one key into a container; the text is the key's path, for the report."""


def parsed(file: str, data: bytes) -> Setting:
    """The tree of a source; raises Invalid where it is no YAML."""
    tree, problems = load("import", file, data, foreign=True)
    if tree is None or problems:
        raise Invalid(problems)
    return tree


def required(tree: Setting, key: str, kind: type, form: str, file: str) -> Setting:
    """The part without which a source is not of its kind: `file` names what to import instead."""
    part = tree.at((key,))
    if part is None or not isinstance(part.value, kind):
        raise refusal(tree.origin, key, f"must be a {form}", f"name {file}")
    return part


def items(value: Setting | None) -> Iterator[tuple[str, Setting]]:
    if value is not None and isinstance(value.value, dict):
        yield from value.value.items()


def each(value: Setting | None) -> tuple[Setting, ...]:
    if value is None:
        return ()
    return value.value if isinstance(value.value, tuple) else (value,)


def pairs(value: Setting | None) -> Iterator[tuple[str, Setting]]:
    """A mapping, or a list of `NAME=value`. A name alone has the value None."""
    if value is not None and isinstance(value.value, dict):
        yield from value.value.items()
        return
    for item in each(value):
        name, equals, text = plain(item).partition("=")
        yield name, item._replace(value=text if equals else None)


def plain(value: Setting | None) -> str:
    """The text of a value; empty for a list, a mapping and nothing."""
    if value is None or value.value is None or isinstance(value.value, (dict, tuple)):
        return ""
    return str(value.value).lower() if isinstance(value.value, bool) else str(value.value)


def text_of(part: Mapping[str, Setting], name: str) -> str:
    return plain(part.get(name))


def texts(value: Setting | None) -> list[Setting]:
    """The items of a list, each as text."""
    return [item._replace(value=plain(item)) for item in each(value)]


def others(
    tree: Setting | None, prefix: str, read: Collection[str], remarks: Remarks, why: Mapping[str, str] | None = None
) -> None:
    """Reports the keys of a mapping that nobody reads, with the reason where one is known."""
    for key, value in items(tree):
        if key not in read and value.value not in (None, (), {}):
            remarks.left_out(value.place, f"{prefix}{key}", (why or {}).get(key, NO_KEY))


def take(found: Found, value: Setting, key: str, rows: Mapping[str, Take], read: Collection[str] = ()) -> None:
    """Takes each key of a mapping by its row; those without a row are reported."""
    for name, part in pairs(value):
        if part.value is None or name in read or name.startswith("x-"):
            continue
        if name in rows:
            rows[name](found, part, f"{key}.{name}")
        else:
            found.remarks.left_out(part.place, f"{key}.{name}")


def below(rows: Mapping[str, Take]) -> Take:
    return lambda found, value, key: take(found, value, key, rows)


def to(path: str, convert: Callable[[Any], Any] = str) -> Take:
    """Puts the value at a path of the profile."""

    def put(found: Found, value: Setting, key: str) -> None:
        several = isinstance(value.value, (dict, tuple))
        made = None if several else convert(value.value)
        if made is None:
            shown = "a mapping or list" if several else repr(value.value)
            found.remarks.left_out(value.place, key, f"{shown} has no form in a profile")
        else:
            found.put(path, made, value.origin)

    return put


def listed(path: str) -> Take:
    """Adds each text to the list at a path of the profile."""

    def add(found: Found, value: Setting, _: str) -> None:
        before = found.values.get(tuple(path.split(".")))
        names = [plain(item).removeprefix("CAP_") for item in each(value)]
        found.put(path, [*(before.value if before else []), *names], value.origin)

    return add


def always(path: str, value: object) -> Take:
    """Puts the same value at a path of the profile, whatever the source writes."""
    return lambda found, given, _: found.put(path, value, given.origin)
