"""Reports names under `targets:` that no target has. The schema leaves them open, so that a new target is one row."""

from __future__ import annotations

from collections.abc import Iterator

from mmcompose.core.hints import nearest
from mmcompose.model import Problem, Project
from mmcompose.model.targets import TARGETS


def check(project: Project) -> Iterator[Problem]:
    for index, entry in enumerate(project.targets):
        if entry.value not in TARGETS:
            message = f"no target {entry.value!r}"
            yield Problem(entry.origin, f"targets[{index}]", message, nearest(str(entry.value), TARGETS), "target")
