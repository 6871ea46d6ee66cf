"""Reports names in mmcompose.yaml that mean nothing, or something else already."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from mmcompose.core.hints import nearest
from mmcompose.engines.flags.nearest import did_you_mean
from mmcompose.model import Problem, Project
from mmcompose.model.commands import ALIASES, COMMANDS, in_family
from mmcompose.model.targets import TARGETS


def check(project: Project, profiles: Collection[str]) -> Iterator[Problem]:
    for index, entry in enumerate(project.short_names):
        name, path = str(entry.value), f"short_names[{index}]"
        if name in COMMANDS or name in ALIASES:
            hint = f"remove it; `mmcompose switch {name}` is the same"
            yield Problem(entry.origin, path, f"{name!r} is a command of mmcompose", hint, "short-name")
        elif not any(in_family(profile, name) for profile in profiles) and (near := did_you_mean(name, profiles)):
            message = f"no profile is called {name} or {name}-*"
            yield Problem(entry.origin, path, message, near, "short-name", "warning")
    for index, entry in enumerate(project.targets):
        if entry.value not in TARGETS:  # the schema leaves them open, so that a new target is one row
            message, hint = f"no target {entry.value!r}", nearest(str(entry.value), TARGETS)
            yield Problem(entry.origin, f"targets[{index}]", message, hint, "target")
