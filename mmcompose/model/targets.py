"""The targets that profiles are rendered to, and where the files of each lie in a project.

The module `mmcompose.core.render.<name>.target` makes them, from the templates in `templates/<name>/`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Layout(NamedTuple):
    """All files of a target lie in the folder of its name; `at_top` is one more, beside that folder."""

    name: str
    of_profile: tuple[str, ...]
    """Where a profile's own files lie in the folder: `{}` stands for the profile; what ends in `/` is a folder."""
    at_top: str = ""
    unmarked: tuple[str, ...] = ()
    """Folders whose files have no line that says who wrote them, since containers or builds read them as they are."""

    @property
    def outputs(self) -> tuple[str, ...]:
        """The paths of the project that it writes."""
        return (self.name, self.at_top) if self.at_top else (self.name,)

    def inside(self, path: str) -> str:
        """A path of the project, seen from the target's folder."""
        return path.removeprefix(f"{self.name}/")

    def holds(self, path: str) -> bool:
        """Whether a path of the project is one of this target's."""
        return path == (self.at_top or None) or path.startswith(f"{self.name}/")

    def profile_of(self, path: str) -> str | None:
        """The profile that a file belongs to, if it is one profile's alone."""
        folder, _, inside = path.partition("/")
        for pattern in self.of_profile if folder == self.name else ():
            before, _, after = pattern.partition("{}")
            profile, end, rest = inside.removeprefix(before).partition(after)
            if inside.startswith(before) and end and "/" not in profile and (after[-1] == "/" or not rest):
                return profile
        return None

    def belongs(self, path: str, profile: str) -> bool:
        """Whether a file is one of this profile's, or one that all profiles share in the target's folder."""
        return path.startswith(f"{self.name}/") and self.profile_of(path) in (profile, None)

    def files_of(self, profile: str) -> tuple[str, ...]:
        """The profile's own files, seen from the target's folder."""
        return tuple(pattern.format(profile) for pattern in self.of_profile if pattern[-1] != "/")

    def is_unmarked(self, path: str) -> bool:
        return path.startswith(tuple(f"{self.name}/{folder}/" for folder in self.unmarked))


BUILD, CONFIG = "build", "config"

COMPOSE = Layout(
    "compose",
    of_profile=("{}.yaml", "profiles/{}.yaml", f"{CONFIG}/{{}}/"),
    at_top="compose.yaml",
    unmarked=(BUILD, CONFIG),
)

TARGETS: Mapping[str, Layout] = {
    "compose": COMPOSE,
}
