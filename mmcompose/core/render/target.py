"""The tasks of a target: it renders profiles, and judges the output of a project's own templates. `Rendering` has all
targets of one project.

A target is a row of `model.targets`, a module `core/render/<name>/target.py` that ends with `TARGET`, and the templates
in `templates/<name>/`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from importlib import import_module
from typing import cast

from mmcompose.core.place.subject import Around
from mmcompose.core.render.build_folders import Folder
from mmcompose.core.render.escape import FINALIZERS
from mmcompose.core.render.renderer import Finalizers, Made, Renderer
from mmcompose.model import Origin, Problem, Profile, Seat, Stack
from mmcompose.model.targets import TARGETS


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


class Rendering:
    """Makes the files of one project with the templates of each of its targets."""

    def __init__(
        self, stack: Stack, renderer: Callable[[Finalizers], Renderer], own_templates: Sequence[str], around: Around
    ) -> None:
        """The output of the project's `own_templates` is judged like its profiles."""
        self._stack, self._own, self._around = stack, own_templates, around
        self._targets = [(each, renderer(each.finalizers)) for each in map(target, stack.project.rendered_to)]

    def of_profile(self, name: str) -> Made:
        return _together(self._of_profile(name))

    def of_all(self, names: Iterable[str], folders: Mapping[str, Folder]) -> Made:
        """The files of these profiles, and those that all share; `folders` come with mmcompose."""
        made = [each for name in names for each in self._of_profile(name)]
        if not any(faults for _, faults in made):
            made += self._of_project(folders)
        return _together(made)

    def _of_profile(self, name: str) -> Iterator[Made]:
        profile, seats = self._stack.profiles[name], self._stack.seats[name]
        for each, renderer in self._targets:
            yield self._made(each, renderer, partial(each.of_profile, renderer, profile, seats), name, [profile])

    def _of_project(self, folders: Mapping[str, Folder]) -> Iterator[Made]:
        profiles = self._stack.profiles
        for each, renderer in self._targets:
            make = partial(each.of_project, renderer, profiles, folders)
            yield self._made(each, renderer, make, TARGETS[each.name].outputs[-1], list(profiles.values()))

    def _made(
        self, each: Target, renderer: Renderer, make: Callable[[], Made], what: str, profiles: Sequence[Profile]
    ) -> Made:
        texts, faults = renderer.attempt(make, f"while rendering {what}")
        if self._own and texts and not faults:
            faults = list(each.judged(texts, self._own, profiles, self._around))
        return texts, faults


def _together(made: Iterable[Made]) -> Made:
    made = list(made)
    return dict(pair for texts, _ in made for pair in texts.items()), [each for _, faults in made for each in faults]
