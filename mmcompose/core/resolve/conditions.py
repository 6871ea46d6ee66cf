"""Evaluates the conditions of `known_bad:`, such as "is above resources.memory": one row for each form."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from mmcompose.core import pinned
from mmcompose.core.sizes import in_bytes
from mmcompose.model import Setting, parse_path

Way = Callable[[re.Match[str], Any, Setting], bool]


def holds(condition: str, path: str, tree: Setting) -> bool:
    """Whether the value at `path` meets the condition. A value of another type does not."""
    found = tree.present(parse_path(path))
    for pattern, way in WAYS:
        match = pattern.fullmatch(condition)
        if match:
            return way(match, None if found is None else found.plain(), tree)
    return False


def _text(value: Any) -> str:
    """Writes a value as YAML does: true, 8, native."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _number(value: Any) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _compared(match: re.Match[str], value: Any, _: Setting) -> bool:
    number, bound = _number(value), float(match[2])
    return number is not None and (number > bound if match[1] == "above" else number < bound)


def _divides_not(match: re.Match[str], value: Any, _: Setting) -> bool:
    number = _number(value)
    return number is not None and number >= 1 and int(match[1]) % int(number) != 0


def _bytes_at(path: str, tree: Setting) -> int | None:
    found = tree.present(parse_path(path))
    return None if found is None else in_bytes(found.value)


def _fills(match: re.Match[str], value: Any, tree: Setting) -> bool:
    number, size = _number(value), _bytes_at(match[1], tree)
    return number is not None and size is not None and number * pinned.GIB >= size


def _above(match: re.Match[str], value: Any, tree: Setting) -> bool:
    """Compares GiB as set (`is`), or as pinned memory takes them: at least (`pinned is`), at most (`pinned may be`)."""
    number, size = _number(value), _bytes_at(match[2], tree)
    if number is None or number <= 0 or size is None:
        return False
    least, most = pinned.of(tree, number)
    taken = {"is": number * pinned.GIB, "pinned is": least, "pinned may be": most}[match[1]]
    return taken > size - (in_bytes(match[3]) if match[3] else 0)


WAYS: Sequence[tuple[re.Pattern[str], Way]] = (
    (re.compile("is set"), lambda _, value, __: value is not None),
    (re.compile("is not set"), lambda _, value, __: value is None),
    (re.compile(r"is not (\S+)"), lambda match, value, _: _text(value) != match[1]),
    (re.compile(r"is (\S+)"), lambda match, value, _: _text(value) == match[1]),
    (re.compile(r"(above|below) (-?[0-9.]+)"), _compared),
    (re.compile(r"does not divide ([0-9]+)"), _divides_not),
    (re.compile(r"fills ([a-z_.]+)"), _fills),
    (re.compile(r"(is|pinned is|pinned may be) above ([a-z_.]+)(?: less ([0-9]+[mg]))?"), _above),
)
