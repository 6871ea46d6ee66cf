"""The tasks of a target: it renders profiles, and judges the output of a project's own templates.

A target is a row of `model.targets`, a module `core/render/<name>/target.py` that ends with `TARGET`, and the templates
in `templates/<name>/`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from typing import cast

from mmcompose.core.place.subject import Around
from mmcompose.core.render.build_folders import Folder
from mmcompose.core.render.escape import FINALIZERS
from mmcompose.core.render.renderer import Finalizers, Made, Renderer
from mmcompose.model import Origin, Problem, Profile, Seat


class Target:
    name = ""
    finalizers: Finalizers = FINALIZERS
    """How the templates of each kind of file write a value, by suffix."""

    def of_profile(self, renderer: Renderer, profile: Profile, seats: Mapping[str, Seat]) -> Made:
        """The files of one profile. A value that this target cannot express is a Problem with a remedy."""
        raise NotImplementedError

    def of_project(self, renderer: Renderer, profiles: Mapping[str, Profile], folders: Mapping[str, Folder]) -> Made:  # noqa: ARG002
        """The files that all profiles share; `folders` are the build folders that come with mmcompose."""
        return {}, []

    def judged(
        self,
        files: Mapping[str, str],  # noqa: ARG002
        own: Sequence[str],
        profiles: Sequence[Profile],
        around: Around,  # noqa: ARG002
    ) -> Iterator[Problem]:
        """Judges the output of the project's `own` templates for these profiles by the rules. A target that cannot
        judge allows no such templates."""
        if any(waiver.rule == "S30" for each in profiles for one in each.services.values() for waiver in one.waivers):
            return
        for path in own:
            if path.startswith(f"templates/{self.name}/"):
                hint = "leave it out; or waive S30 with a reason and a date"
                yield Problem(Origin("template", path, 1, 1), "", "cannot be judged by any rule", hint, "S30")


def target(name: str) -> Target:
    return cast("Target", import_module(f"mmcompose.core.render.{name}.target").TARGET)
