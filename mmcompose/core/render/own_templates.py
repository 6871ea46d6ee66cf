"""Which templates of the project's own take part in a profile: they may write anything."""

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
"""Templates by the names that they had once, with those that they have now. A project's own may still have the old."""

ROOT = (f"templates/{_HOME}/root.yaml.j2", "templates/root.yaml.j2")
"""Now, and where it stood once."""


def own(sources: Iterable[Source]) -> list[str]:
    """Those that came with mmcompose are known; all others are the project's."""
    return sorted(
        s.path for s in sources if not s.shipped and s.path.startswith("templates/") and s.path.endswith(".j2")
    )


def moved(own_templates: Iterable[str]) -> Iterator[Problem]:
    """Templates at the place of an earlier release: they are used, and named."""
    for path in own_templates:
        name = path.removeprefix("templates/")
        if name in FORMER:
            hint = f"move it to templates/{FORMER[name]}"
            message = "is used, and has another place now"
            yield Problem(Origin("template", path, 1, 1), "", message, hint, "name", "warning")


def of_profile(own_templates: Sequence[str], profile: Profile) -> list[str]:
    """The ones of its engines first, then those that all profiles share."""
    folders = tuple(f"templates/{engine.name}/" for engine in profile.engines.values())
    shared = [p for p in own_templates if p not in ROOT and (p.count("/") == 1 or p.startswith(f"templates/{_HOME}/"))]
    return [path for path in own_templates if path.startswith(folders)] + shared
