"""Reports models that a project names and this machine lacks.

A model file is often in no commit and lies only on the machine that serves it. So `render` and `--check` do not report
it; `validate` warns, and `doctor` and `up` refuse.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mmcompose.core.place.facts import model_files
from mmcompose.core.place.subject import subjects
from mmcompose.core.world import World
from mmcompose.model import Problem, Profile
from mmcompose.model.paths import below


def models(profiles: Iterable[Profile], world: World) -> Iterator[Problem]:
    """Finds missing models inside the project; a path outside belongs to the host, which may be another machine."""
    for subject in subjects(profiles):
        for at, path in model_files(subject.service.weights):
            seen = world.leads(path)
            if not seen.kind and below(seen.real, world.root):
                hint = "put it there before you start the profile, or correct the path"
                yield subject.problem(at, f"{path} is not on this machine", hint, "weights.missing", "warning")
                break
