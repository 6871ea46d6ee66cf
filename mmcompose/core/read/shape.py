"""Compares a document with its JSON Schema, and finds every keyword that a value does not meet.

Knows only the keywords that our schemas use; a test compares it with jsonschema on generated documents. Importing that
library would take as long as rendering ten profiles.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any, NamedTuple

from mmcompose.core.read.load import UNUSABLE
from mmcompose.model import Path, Setting

KEYWORDS = frozenset({
    "$schema", "$id", "title", "description", "type", "enum", "properties", "additionalProperties", "propertyNames",
    "required", "items", "pattern", "minLength", "minimum", "maximum", "exclusiveMinimum",
})  # fmt: skip


class Unmet(NamedTuple):
    """A keyword of a schema, and the value at a path that does not meet it; `of_name`: the value is the name of a key
    there."""

    keyword: str
    path: Path
    value: Any
    schema: Mapping[str, Any]
    of_name: bool = False


def unmet(tree: Setting, schema: Mapping[str, Any]) -> list[Unmet]:
    """Everything that is wrong with a document, but nothing of a value that the loader could not use."""
    found: list[Unmet] = []
    _judge(tree, schema, (), found)
    return found


def _judge(tree: Setting, schema: Mapping[str, Any], path: Path, found: list[Unmet]) -> None:
    value = tree.value
    if value is UNUSABLE:
        return
    found += [Unmet(keyword, path, tree.written(), schema) for keyword in _of_value(value, schema)]
    if isinstance(value, dict) and "object" in schema.get("type", "object"):
        known, others = schema.get("properties", {}), schema.get("additionalProperties", True)
        names = schema.get("propertyNames")
        if others is False and not value.keys() <= known.keys():
            found.append(Unmet("additionalProperties", path, tree.written(), schema))
        for name, child in value.items():
            if names is not None:
                found += [Unmet(keyword, path, name, names, of_name=True) for keyword in _of_value(name, names)]
            inner = known.get(name, others)
            if isinstance(inner, dict):
                _judge(child, inner, (*path, name), found)
        if any(name not in value for name in schema.get("required", ())):
            found.append(Unmet("required", path, tree.written(), schema))
    elif isinstance(value, tuple) and "items" in schema:
        for index, item in enumerate(value):
            _judge(item, schema["items"], (*path, index), found)


def _of_value(value: Any, schema: Mapping[str, Any]) -> Iterable[str]:
    """The unmet keywords of one value by itself. A value of the wrong type is judged no further."""
    types = schema.get("type")
    if types is not None:
        fitting = _TYPES[types](value) if isinstance(types, str) else any(_TYPES[name](value) for name in types)
        if not fitting:
            return ("type",)
    found = ["enum"] if "enum" in schema and value not in schema["enum"] else []
    if isinstance(value, str):
        if "pattern" in schema and not _pattern(schema["pattern"]).search(value):
            found.append("pattern")
        if len(value) < schema.get("minLength", 0):
            found.append("minLength")
    elif _is_number(value):
        found += [name for name, holds in _BOUNDS.items() if name in schema and not holds(value, schema[name])]
    return found


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


_TYPES: Mapping[str, Callable[[Any], bool]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, tuple),
    "string": lambda value: isinstance(value, str),
    "null": lambda value: value is None,
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": _is_number,
}
"""The types of values. As in Compose, `8000.0` is no integer."""
_BOUNDS: Mapping[str, Callable[[Any, Any], bool]] = {
    "minimum": lambda value, bound: value >= bound,
    "maximum": lambda value, bound: value <= bound,
    "exclusiveMinimum": lambda value, bound: value > bound,
}


@cache
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text)
