"""Leaves out the faulty parts of a file, so that the rest can still be judged."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from mmcompose.core.read.load import UNUSABLE
from mmcompose.core.read.ways_out import backend_meant
from mmcompose.model import Path, Setting

_RELEASES = ("image", "version")
"""Keys of a service that stay although their value is wrong: their text still names the release, and no value of a
layer below may replace it."""


def unusable(tree: Setting, path: Path = ()) -> Iterator[Path]:
    """Paths at which the loader has already found a fault."""
    if tree.value is UNUSABLE:
        yield path
    for name, child in tree.children():
        yield from unusable(child, (*path, name))


def in_doubt(tree: Setting, fault: Path) -> Path | None:
    """The path that a fault leaves unknown. A faulty item of a list is dropped alone. An unreadable waiver puts its
    rule in doubt."""
    if (found := tree.at(fault)) is not None and _spelled_otherwise(found, fault):
        return None
    at = next((index for index, part in enumerate(fault) if isinstance(part, int)), None)
    if at is None:
        return fault
    if fault[at - 1] != "waivers":
        return None
    rule = tree.present((*fault[: at + 1], "rule"))
    return (*fault[:at], rule.value) if rule is not None and isinstance(rule.value, str) else fault[:at]


def usable(tree: Setting, faults: Collection[Path], faults_of: Callable[[Setting], Collection[Path]]) -> Setting:
    """The tree without its faults. A mapping that lacks a required key is dropped as a whole."""
    kept = _without(tree, frozenset(faults), ())
    while more := {path for path in faults_of(kept) if kept.at(path) is not None and not _tells_release(path)}:
        kept = _without(kept, frozenset(more), ())
    return kept


def _without(tree: Setting, faults: frozenset[Path], path: Path) -> Setting:
    if isinstance(tree.value, dict):
        kept = {}
        for name, child in tree.value.items():
            here = (*path, name)
            if here not in faults:
                kept[name] = _without(child, faults, here)
            elif _tells_release(here):
                kept[name] = child if isinstance(child.value, str) else child._replace(value=None)
            elif meant := _spelled_otherwise(child, here):
                kept[name] = child._replace(value=meant)
        return tree._replace(value=kept)
    if isinstance(tree.value, tuple):
        items = ((item, (*path, index)) for index, item in enumerate(tree.value))
        return tree._replace(value=tuple(_without(item, faults, here) for item, here in items if here not in faults))
    return tree


def _tells_release(path: Path) -> bool:
    return path[-1] in _RELEASES and _of_a_service(path)


def _spelled_otherwise(found: Setting, path: Path) -> str | None:
    """The backend that another spelling such as `llama.cpp` or `vLLM` means, so that the rest can be judged."""
    named = path[-1:] == ("backend",) and _of_a_service(path) and isinstance(found.value, str)
    return backend_meant(found.value) if named else None


def _of_a_service(path: Path) -> bool:
    above = path[:-1]
    return not above or (len(above) == 2 and above[0] in ("services", "backends"))
