"""Which templates of the project's own take part in a profile: they may write anything."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mmcompose.core.read.documents import Source
from mmcompose.model import Profile

ROOT = "templates/root.yaml.j2"


def own(sources: Iterable[Source]) -> list[str]:
    """Those that came with mmcompose are known; all others are the project's."""
    return sorted(
        s.path for s in sources if not s.shipped and s.path.startswith("templates/") and s.path.endswith(".j2")
    )


def of_profile(own_templates: Sequence[str], profile: Profile) -> list[str]:
    """The ones of its engines first, then those that all profiles share."""
    folders = tuple(f"templates/{engine.name}/" for engine in profile.engines.values())
    shared = [path for path in own_templates if path.count("/") == 1 and path != ROOT]
    return [path for path in own_templates if path.startswith(folders)] + shared
