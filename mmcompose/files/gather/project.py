"""Finds a project and gathers the inputs of a render: its own files, and the shipped ones that it does not replace."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from pathlib import Path

from mmcompose.files.fence import OUTPUTS, Fence
from mmcompose.files.gather import measured, shipped
from mmcompose.files.gather.measured import FoundFile, RefusedFile
from mmcompose.files.reading import content
from mmcompose.model.paths import EVALS, FETCH, MODEL_LOCK, SETTINGS

CLIENT = ("benchmarks/Dockerfile", "benchmarks/requirements.txt", "benchmarks/mmbench", "benchmarks/receipts")
"""The parts of the benchmark client's image; other files may lie in benchmarks/ too."""


class Inputs:
    """Bytes by path relative to the project; `own` are the project's files, the others are shipped."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.files: dict[str, bytes] = {}
        self.own: set[str] = set()
        self.unreadable: dict[str, str] = {}


def gather(root: Path) -> Inputs:
    """All inputs, read once. Shipped files come first, so that the project's own replace them."""
    inputs = Inputs(root)
    fence = Fence(root)
    services = {"kit", FETCH, EVALS, *_backends(fence)}
    if shipped.root() != root:
        ours = Fence(shipped.root(), trusted=True)
        services.update(_backends(ours))
        for each in _wanted(ours, services):
            # Profiles and settings are a person's own; only what they are built from is shipped.
            path = each.path
            shared = path.count("/") > 1 or not path.startswith("profiles/") or path == "profiles/defaults.yaml"
            if path != SETTINGS and shared:
                _take(inputs, each)
    for each in _wanted(fence, services):
        _take(inputs, each)
        inputs.own.add(each.path)
    for folder in OUTPUTS:
        if reason := fence.tied(folder):
            _take(inputs, RefusedFile(folder, reason))
    return inputs


def _backends(fence: Fence) -> Iterator[str]:
    """The backends that may have a folder in `services/`; a project may keep other folders there."""
    found = measured.listed(fence, "profiles/backends", (".yaml",))
    return (os.path.basename(each.path).removesuffix(".yaml") for each in found)


def _take(inputs: Inputs, each: FoundFile | RefusedFile) -> None:
    if isinstance(each, RefusedFile):
        inputs.files.pop(each.path, None)
        inputs.unreadable[each.path] = each.reason
        return
    try:
        inputs.files[each.path] = content(each.place, follow=False)
        inputs.unreadable.pop(each.path, None)
    except OSError as error:
        inputs.files.pop(each.path, None)
        inputs.unreadable[each.path] = error.strerror or str(error)


def _wanted(fence: Fence, services: Collection[str]) -> Iterator[FoundFile | RefusedFile]:
    found: list[FoundFile] = []
    for each in _there(fence, services):
        if isinstance(each, FoundFile):
            found.append(each)
        else:
            yield each
    yield from measured.fitting(found)


def _there(fence: Fence, services: Collection[str]) -> Iterator[FoundFile | RefusedFile]:
    yield from measured.one(fence, SETTINGS)
    for folder in ("profiles", "profiles/backends", "profiles/runtimes", "profiles/models", "profiles/hosts"):
        there = measured.listed(fence, folder, (".yaml", ".yml"))
        yield from (each for each in there if not each.path.endswith(MODEL_LOCK))
    yield from measured.below(fence, "templates")
    for name in sorted(services):
        if os.path.lexists(f"{fence.root}/services/{name}"):
            yield from measured.below(fence, f"services/{name}")
    for path in CLIENT:
        is_folder = os.path.isdir(f"{fence.root}/{path}")
        yield from measured.below(fence, path) if is_folder else measured.one(fence, path)
