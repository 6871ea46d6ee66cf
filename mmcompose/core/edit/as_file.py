"""Writes a profile that was made for a model as the file that a person would keep, with what the command line adds."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from typing import Any

from mmcompose.core.edit.writing import in_order, written
from mmcompose.core.read.overrides import Override
from mmcompose.core.resolve.fold import put
from mmcompose.model import Path, Profile, Setting

_BLOCKS = ("args", "env")


def as_file(made: Setting, profile: Profile, values: Sequence[Override], root: str) -> str:
    """The text of the file. `made` is the profile as it was made; the resolved one has its backend and its GPUs."""
    ((name, service),) = profile.services.items()
    settings = profile.settings[name]
    tree = _with(made, ("backend",), service.backend)
    for override in values:
        path = override.path[2:] if override.path[0] == "services" else override.path
        # What was added to a list stands behind what the layers below have there.
        tree = put(tree, path, (settings.at(path) or override.value) if override.append else override.value)
    if tree.at(("gpu", "count")) is not None:
        tree = _with(tree, ("gpu", "count"), service.gpu.count)
    place = tree.at(("weights", "path"))
    if place is not None:
        tree = _with(tree, ("weights", "path"), _in_project(str(place.value), root))
    plain = {path: Setting(value, made.origin) for path, value in _values(tree.plain())}
    return written(in_order(plain))


def _with(tree: Setting, path: Path, value: Any) -> Setting:
    return put(tree, path, Setting(value, tree.origin))


def _values(data: dict[str, Any]) -> Iterator[tuple[Path, Any]]:
    for name, value in data.items():
        if name in _BLOCKS and isinstance(value, dict):
            yield from (((name, inner), each) for inner, each in value.items())
        else:
            yield (name,), value


def _in_project(path: str, root: str) -> str:
    """The path as files of this project write it: relative where it lies inside."""
    inside = path.startswith(f"{root.rstrip('/')}/")
    return posixpath.relpath(path, root) if inside else path
