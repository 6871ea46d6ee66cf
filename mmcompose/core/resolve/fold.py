"""Folds layers into one tree: later layers win, and the history of each value stays.

Mappings merge, scalars replace, lists replace, null removes. The exceptions are the rows of `_ADDS_UP`. No input is
changed, and a subtree that only one layer has is shared, so a thousand profiles cost only their differences.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

from mmcompose.model import Origin, Path, Setting

_ADDS_UP: frozenset[Path] = frozenset({("waivers",)})
"""Lists to which each layer adds, by path."""

NOTHING = Setting({}, Origin("", ""))


def fold(trees: Sequence[Setting]) -> Setting:
    return reduce(over, trees, NOTHING)


def over(low: Setting, high: Setting, path: Path = ()) -> Setting:
    """Lays `high` over `low`."""
    if isinstance(low.value, dict) and isinstance(high.value, dict):
        if not low.value:
            return high
        merged = dict(low.value)
        for name, child in high.value.items():
            below = merged.get(name)
            merged[name] = child if below is None else over(below, child, (*path, name))
        return Setting(merged, high.origin, high.key, high.overrode)
    if path in _ADDS_UP and isinstance(low.value, tuple) and isinstance(high.value, tuple):
        return Setting(low.value + high.value, high.origin, high.key, (low._replace(overrode=()), *low.overrode))
    return high._replace(overrode=(*high.overrode, low._replace(overrode=()), *low.overrode))


def put(tree: Setting, path: Path, value: Setting, *, append: bool = False) -> Setting:
    """The tree with `value` at `path`, as the command line sets it; `append` adds it to the list at `path`."""
    name, rest = path[0], path[1:]
    branch = tree.value if isinstance(tree.value, dict) else {}
    below = branch.get(str(name))
    if rest:
        made = put(below or NOTHING, rest, value, append=append)
    elif append:
        before = below.value if below and isinstance(below.value, tuple) else ()
        made = value._replace(value=(*before, value), overrode=_history(below))
    else:
        made = value._replace(overrode=_history(below))
    return Setting({**branch, str(name): made}, tree.origin, tree.key, tree.overrode)


def _history(below: Setting | None) -> tuple[Setting, ...]:
    return (below._replace(overrode=()), *below.overrode) if below else ()
