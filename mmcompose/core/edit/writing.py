"""Writes a profile or a model file as a person would: a line for each key, small mappings on one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mmcompose.core.edit.in_place import flow, key
from mmcompose.model import Path, Setting

WIDEST = 110
_BLOCKS = ("args", "env", "why", "services", "unchecked_args")
"""Keys whose values stand on lines of their own."""
_ORDER = (
    "description", "host", "model", "backend", "image", "version", "image_type", "build", "weights", "served_name",
    "args", "gpu", "listen", "ports", "aliases", "env", "secrets", "caches", "mounts", "tmpfs",
)  # fmt: skip
"""The keys of a profile as people sort them; all others come behind."""


def written(values: Mapping[Path, Setting], comments: Sequence[str] = ()) -> str:
    """The text of a file with these values."""
    head = [f"# {' '.join(comment.split())}" for comment in comments]
    return "\n".join([*head, *_lines(tree(values), 0), ""])


def tree(values: Mapping[Path, Setting]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for path, setting in values.items():
        here = made
        for part in path[:-1]:
            here = here.setdefault(str(part), {})
        here[str(path[-1])] = setting.value
    return made


def _lines(data: Mapping[str, Any], depth: int) -> list[str]:
    found: list[str] = []
    for name, value in data.items():
        begin = f"{'  ' * depth}{key(name)}:"
        line = f"{begin} {flow(value)}"
        if isinstance(value, Mapping) and value and (name in _BLOCKS or len(line) > WIDEST or _holds_block(value)):
            found += [begin, *_lines(value, depth + 1)]
        elif isinstance(value, list) and value and len(line) > WIDEST:
            found += [begin, *(f"{'  ' * depth}  - {flow(item)}" for item in value)]
        else:
            found.append(line)
    return found


def _holds_block(value: Mapping[str, Any]) -> bool:
    return any(isinstance(inner, Mapping) and name in _BLOCKS for name, inner in value.items())


def in_order(values: Mapping[Path, Setting]) -> dict[Path, Setting]:
    def rank(path: Path) -> int:
        return _ORDER.index(str(path[0])) if path[0] in _ORDER else len(_ORDER)

    return {path: values[path] for path in sorted(values, key=rank)}
