"""What one layer says of a service: its own keys without those that speak of the file, and what the highest says."""

from __future__ import annotations

from collections.abc import Sequence

from mmcompose.core import bind
from mmcompose.model import Layer, Path, Setting

NOT_OF_A_SERVICE = {
    "backend": frozenset({*bind.ENGINE_FACTS, "description"}),
    "runtime": frozenset({"backends", "description"}),
    "model": frozenset({"backends", "description"}),
    "host": frozenset({"machine", "description"}),
    "profile": frozenset({"host", "extends", "services", "envelope", "runs_on", "also_called"}),
}
"""Keys that speak of the file itself, by kind. A host's description is not that of what runs on it."""


def has_services(lineage: Sequence[Layer]) -> bool:
    return any(layer.root.at(("services",)) is not None for layer in lineage)


def service_names(profile: str, lineage: Sequence[Layer]) -> list[str]:
    """The services of a profile in the order in which they were written; the short form is named like its profile."""
    found: dict[str, None] = {}
    for layer in lineage:
        services = layer.root.said(("services",))
        found.update(dict.fromkeys(services.value if services else ()))
    return list(found) or [profile]


def highest(path: Path, *trees: Setting) -> Setting | None:
    """What the first tree with a word on it says at a path; its null hides what the others say."""
    found = next((found for tree in trees if (found := tree.at(path)) is not None), None)
    return None if found is None or found.value is None else found


def parts(layer: Layer, service: str) -> list[Setting]:
    """What one profile file says of one service: first what holds for all of them, then its own."""
    own = layer.root.said(("services", service))
    return [top_of(layer)] if own is None else [top_of(layer), own]


def top_of(layer: Layer) -> Setting:
    return without(layer.root, NOT_OF_A_SERVICE["profile"])


def without(tree: Setting, names: frozenset[str]) -> Setting:
    if names.isdisjoint(tree.value):
        return tree
    return tree._replace(value={name: child for name, child in tree.value.items() if name not in names})
