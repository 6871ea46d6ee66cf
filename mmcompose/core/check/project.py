"""Reports names in mmcompose.yaml and in backends of a project that mean nothing, or something else already."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from mmcompose.core.hints import nearest
from mmcompose.engines.flags.history import Histories
from mmcompose.engines.flags.nearest import did_you_mean
from mmcompose.engines.known.histories import names
from mmcompose.model import Layer, Problem, Project
from mmcompose.model.commands import ALIASES, COMMANDS, in_family
from mmcompose.model.paths import OURS
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


def flag_histories(backends: Iterable[Layer], histories: Histories) -> Iterator[Problem]:
    """Finds flag histories that do not exist: nothing would check the arguments."""
    for layer in backends:
        found = layer.root.present(("history",))
        if found is None or found.origin.file.startswith(OURS) or histories(found.value) is not None:
            continue
        message = f"no flag history {found.value!r}, so no argument is checked"
        hint = did_you_mean(found.value, names()) or "leave it out; `mmcompose engines list` shows those that there are"
        yield Problem(found.origin, "history", message, hint, "flag-history", "warning")
