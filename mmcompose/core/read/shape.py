"""Answers quickly whether a document fits its schema, so that jsonschema is imported only to describe a fault.

Knows only the keywords that our schemas use; a test compares its answers with jsonschema's on generated documents.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from mmcompose.model import Setting

KEYWORDS = frozenset({
    "$schema", "$id", "title", "description", "type", "enum", "properties", "additionalProperties", "propertyNames",
    "required", "items", "pattern", "minLength", "minimum", "maximum", "exclusiveMinimum",
})  # fmt: skip


def fits(tree: Setting, schema: Mapping[str, Any]) -> bool:
    value = tree.value
    if not _allowed(value, schema):
        return False
    if isinstance(value, dict):
        return _mapping_fits(value, schema)
    if isinstance(value, tuple):
        items = schema.get("items")
        return items is None or all(fits(item, items) for item in value)
    return True


def _allowed(value: Any, schema: Mapping[str, Any]) -> bool:
    """Type, enumeration and bounds of one value."""
    if "type" in schema and not _is_of(value, schema["type"]):
        return False
    if "enum" in schema and value not in schema["enum"]:
        return False
    if isinstance(value, str):
        if "pattern" in schema and not _pattern(schema["pattern"]).search(value):
            return False
        return len(value) >= int(schema.get("minLength", 0))
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        low, high = schema.get("minimum", value), schema.get("maximum", value)
        above = schema.get("exclusiveMinimum")
        return bool(low <= value <= high and (above is None or value > above))
    return True


def _mapping_fits(value: dict[str, Setting], schema: Mapping[str, Any]) -> bool:
    known: Mapping[str, Any] = schema.get("properties", {})
    others = schema.get("additionalProperties", True)
    names = schema.get("propertyNames")
    for name, child in value.items():
        if names is not None and not _allowed(name, names):
            return False
        inner = known.get(name, others)
        if inner is False or (inner is not True and not fits(child, inner)):
            return False
    return all(name in value for name in schema.get("required", ()))


def _is_of(value: Any, wanted: str | list[str]) -> bool:
    if isinstance(wanted, str):
        return _type(value, wanted)
    return any(_type(value, name) for name in wanted)


def _type(value: Any, name: str) -> bool:
    match name:
        case "object":
            return isinstance(value, dict)
        case "array":
            return isinstance(value, tuple)
        case "string":
            return isinstance(value, str)
        case "null":
            return value is None
        case "boolean":
            return isinstance(value, bool)
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool)
        case _:
            return isinstance(value, (int, float)) and not isinstance(value, bool)


@cache
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text)
