"""Reads the settings of one service from a layer, without the keys that describe the file."""

from __future__ import annotations

from collections.abc import Sequence

from mmcompose.core.resolve import bind
from mmcompose.model import Layer, Path, Setting

ABOUT_A_MODEL = ("licence", "gated", "category", "capabilities", "tokenizer", "chat_template", "sampling")
"""Keys of a model's file that no engine reads: people and evals do."""
NOT_OF_A_SERVICE = {
    "backend": frozenset({*bind.ENGINE_FACTS, "description"}),
    "runtime": frozenset({"backends", "description"}),
    "model": frozenset({"backends", "description", *ABOUT_A_MODEL}),
    "host": frozenset({"machine", "description"}),
    "profile": frozenset({"host", "extends", "services", "envelope", "runs_on", "also_called"}),
}
"""Keys that describe the file itself, by kind: the description of a host is not that of its services."""


def has_services(lineage: Sequence[Layer]) -> bool:
    return any(layer.root.at(("services",)) is not None for layer in lineage)


def service_names(profile: str, lineage: Sequence[Layer]) -> list[str]:
    """The services of a profile in the order of the file; the short form gives its service the profile's name."""
    found: dict[str, None] = {}
    for layer in lineage:
        services = layer.root.present(("services",))
        found.update(dict.fromkeys(services.value if services else ()))
    return list(found) or [profile]


def highest(path: Path, *trees: Setting) -> Setting | None:
    """The value at a path in the first tree that has one; a null there hides the trees below."""
    found = next((found for tree in trees if (found := tree.at(path)) is not None), None)
    return None if found is None or found.value is None else found


def parts(layer: Layer, service: str) -> list[Setting]:
    """The settings of one service in one profile file: first those for all services, then its own."""
    own = layer.root.present(("services", service))
    return [top_of(layer)] if own is None else [top_of(layer), own]


def top_of(layer: Layer) -> Setting:
    return without(layer.root, NOT_OF_A_SERVICE["profile"])


def without(tree: Setting, names: frozenset[str]) -> Setting:
    if names.isdisjoint(tree.value):
        return tree
    return tree._replace(value={name: child for name, child in tree.value.items() if name not in names})
