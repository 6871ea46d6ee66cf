"""Finds the templates of the project's own that take part in a profile: they can write anything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from mmcompose.core.read.documents import Source
from mmcompose.model import Origin, Problem, Profile
from mmcompose.model.targets import COMPOSE

_HOME = COMPOSE.name
FORMER = {
    name: f"{_HOME}/{name}"
    for name in ("_macros.yaml.j2", "bench.yaml.j2", "compose.yaml.j2", "overlay.yaml.j2", "root.yaml.j2")
}
"""Templates by their old names, with their present ones. A project's own may still have the old name."""

MACROS = ("_macros.yaml.j2", f"{_HOME}/_macros.yaml.j2")
"""Held all parts of a service once. Only a project may have one now; it stands for `PARTS` then."""
PARTS = f"{_HOME}/parts.yaml.j2"

ROOT = (f"templates/{_HOME}/root.yaml.j2", "templates/root.yaml.j2")
"""The root template's present place, and its old one."""


def own(sources: Iterable[Source]) -> list[str]:
    """The project's own templates: all but those that came with mmcompose."""
    return sorted(
        s.path for s in sources if not s.shipped and s.path.startswith("templates/") and s.path.endswith(".j2")
    )


def moved(own_templates: Iterable[str]) -> Iterator[Problem]:
    """Reports templates at the place of an earlier release; they are still used."""
    for path in own_templates:
        name = path.removeprefix("templates/")
        if name in FORMER:
            hint = f"move it to templates/{FORMER[name]}"
            message = "is used, and has another place now"
            yield Problem(Origin("template", path, 1, 1), "", message, hint, "name", "warning")


def of_profile(own_templates: Sequence[str], profile: Profile) -> list[str]:
    """The own templates of its engines first, then those that all profiles share."""
    folders = tuple(f"templates/{engine.name}/" for engine in profile.engines.values())
    shared = [p for p in own_templates if p not in ROOT and (p.count("/") == 1 or p.startswith(f"templates/{_HOME}/"))]
    return [path for path in own_templates if path.startswith(folders)] + shared
