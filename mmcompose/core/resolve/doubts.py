"""Finds the values of a service that are in doubt, and the Problems that would only repeat a cause."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from mmcompose.core.read.load import MERGE
from mmcompose.core.resolve.bind import ENGINE_FACTS
from mmcompose.model import ENGINE, MACHINE, Doubt, Layer, Path, Problem, Setting, dotted, meet

GUESSED = "guessed"
"""Marks a key in `Gaps.names` whose probable meaning was assumed, so that the flags can be judged."""

_NAMING: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("model", "runtime", "extends", "services", MERGE), ()),
    "backend": (ENGINE,),
    "host": (MACHINE,),
    GUESSED: tuple(f"{ENGINE}.{fact}" for fact in ENGINE_FACTS if fact not in ("history", "rendered_args", "probe")),
}
"""Keys that name a further layer, and the facts that are unknown without that layer."""

_OF_RELEASE: frozenset[Path] = frozenset({("image",), ("version",)})
"""The two settings that follow from each other."""

_FOLLOWS = {
    "accelerator": ("gpu", "image", "version", "image_type"),
    "build": ("build", "image", "version", "image_type"),
}
"""By the rule of a derivation, the values that are unknown after it has failed."""


@dataclass(slots=True)
class Gaps:
    """The names in a profile that lead nowhere, with the Problems that report them."""

    problems: list[Problem] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    """The keys of `_NAMING` whose layer does not exist."""

    def inside(self) -> Gaps:
        """The gaps of one service: its own, and those of its whole profile."""
        return Gaps(self.problems, set(self.names))


def named_in_vain(layers: Sequence[Layer], service: str) -> set[str]:
    """Keys that name a layer by a faulty value, so that the layer is unknown."""
    inside = (_inside(layer, path, service, None) for layer in layers for path in layer.aside)
    return {str(path[0]) for path in inside if path is not None and len(path) == 1 and path[0] in _NAMING}


def speaks_of(layers: Sequence[Layer], service: str, place: Path) -> bool:
    """Whether a faulty value lies at, above or below a place of the service."""
    inside = (_inside(layer, path, service, None) for layer in layers for path in layer.aside)
    return any(meet(path, place) for path in inside if path is not None)


def doubt(
    service: str,
    backend: str | None,
    layers: Sequence[Layer],
    line: Iterable[Path],
    gaps: Gaps,
    failed: Iterable[Problem],
) -> Doubt | None:
    """The doubt about a service. `layers` come from the lowest to the highest: a value that a higher layer sets is
    certain whatever a lower one lacks."""
    paths: set[Path] = set()
    sound = not gaps.names
    for layer in layers:
        paths = {path for path in paths if layer.root.at(path) is None}
        paths.update(p for path in layer.aside if (p := _inside(layer, path, service, backend)) is not None)
        sound = sound and not layer.aside
    paths.update(line)
    missing = gaps.names | {str(path[0]) for path in paths if len(path) == 1 and path[0] in _NAMING}
    if not paths.isdisjoint(_OF_RELEASE):
        paths |= _OF_RELEASE
    doubtful = {dotted(path) for path in paths} | {fact for name in missing for fact in _NAMING.get(name, ())}
    for problem in failed:
        doubtful.update((problem.path, *_FOLLOWS.get(problem.rule, ())))
    return None if sound and not doubtful else Doubt(frozenset(doubtful), bool(missing))


def _inside(layer: Layer, path: Path, service: str, backend: str | None) -> Path | None:
    """A file's path as a path of the service, or None where it belongs to another service."""
    if layer.name == "profile" and path[:1] == ("services",) and len(path) > 1:
        return path[2:] or ("services",) if path[1] == service else None
    if layer.name in ("model", "backend", "runtime") and path[:1] == ("backends",):
        return path[2:] if len(path) > 2 and path[1] == backend else None
    if layer.name == "backend" and path[:1] and path[0] in ENGINE_FACTS:
        return (ENGINE, *path)
    if layer.name == "host" and path[:1] == ("machine",):
        return (MACHINE,)
    return path


def credible(problems: Iterable[Problem], why: Doubt, tree: Setting, looks_at: Collection[str]) -> Iterator[Problem]:
    """The Problems that hold however the doubt is resolved: each is about a value that somebody wrote."""
    if why.about(looks_at):
        return
    written = {dotted(path) for path in _places(tree)}
    for problem in problems:
        at = problem.path.removeprefix("why.")
        absent = at not in written and why.missing
        useless = problem.path == "waivers" and problem.severity == "warning"
        if not (absent or useless or why.about((at, f"waivers.{problem.rule}"))):
            yield problem


def _places(tree: Setting, path: Path = ()) -> Iterator[Path]:
    if tree.value is not None:
        yield path
    for name, child in tree.children():
        yield from _places(child, (*path, name))
