"""Reports short names that a command has already, and those that come near to a profile without meaning one."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from mmcompose.engines.flags.nearest import did_you_mean
from mmcompose.model import Problem, Project
from mmcompose.model.commands import ALIASES, COMMANDS, in_family


def check(project: Project, profiles: Collection[str]) -> Iterator[Problem]:
    for index, entry in enumerate(project.short_names):
        name, path = str(entry.value), f"short_names[{index}]"
        if name in COMMANDS or name in ALIASES:
            hint = f"remove it; `mmcompose switch {name}` is the same"
            yield Problem(entry.origin, path, f"{name!r} is a command of mmcompose", hint, "short-name")
        elif not any(in_family(profile, name) for profile in profiles) and (near := did_you_mean(name, profiles)):
            message = f"no profile is called {name} or {name}-*"
            yield Problem(entry.origin, path, message, near, "short-name", "warning")
