"""Find a project and gather what a render depends on: its own files, and the shipped ones that it does not replace."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from mmcompose.files import shipped

SETTINGS = "mmcompose.yaml"
CLIENT = ("benchmarks/Dockerfile", "benchmarks/requirements.txt", "benchmarks/mmbench", "benchmarks/receipts")
"""What the image of the benchmark client is made of; other things may lie in benchmarks/ too."""
LIMIT = 4 << 20
"""More of one file than this is never read; the loader's own limit is lower and names the file."""


class NoProject(Exception):  # noqa: N818 - a message for the reader, not a fault of ours
    pass


@dataclass(slots=True)
class Inputs:
    """Bytes by path relative to the project; `own` tells the project's files from the shipped ones."""

    root: Path
    files: dict[str, bytes] = field(default_factory=dict)
    own: set[str] = field(default_factory=set)
    unreadable: dict[str, str] = field(default_factory=dict)


def find_root(start: Path) -> Path:
    """The nearest folder, upwards, that holds a mmcompose.yaml."""
    start = start.absolute()
    for folder in (start, *start.parents):
        if (folder / SETTINGS).is_file():
            return folder
    raise NoProject(f"no {SETTINGS} in {start} or above; `mmcompose init` makes one")


def gather(root: Path) -> Inputs:
    """Everything, read once. Shipped files come first so that the project's own replace them."""
    inputs = Inputs(root)
    if shipped.root() != root:
        for path, place in _wanted(shipped.root()):
            # Profiles and settings are a person's own; only what they are built from is shipped.
            shared = path.count("/") > 1 or not path.startswith("profiles/") or path == "profiles/defaults.yaml"
            if path != SETTINGS and shared:
                _read(inputs, path, place)
    for path, place in _wanted(root):
        _read(inputs, path, place)
        inputs.own.add(path)
    return inputs


def _read(inputs: Inputs, path: str, place: str) -> None:
    try:
        with open(place, "rb", opener=_at_once) as file:
            inputs.files[path] = file.read(LIMIT)
            inputs.unreadable.pop(path, None)
    except OSError as error:
        inputs.files.pop(path, None)
        inputs.unreadable[path] = error.strerror or str(error)


def _at_once(place: str, flags: int) -> int:
    """A pipe in a file's place is an empty file, not a wait for its other end."""
    return os.open(place, flags | getattr(os, "O_NONBLOCK", 0))


def _wanted(root: Path) -> Iterator[tuple[str, str]]:
    settings = root / SETTINGS
    if settings.exists():
        yield SETTINGS, str(settings)
    for folder in ("profiles", "profiles/backends", "profiles/runtimes", "profiles/models", "profiles/hosts"):
        yield from _listed(root, folder, (".yaml", ".yml"))
    yield from _below(root, "templates")
    for path in CLIENT:
        if os.path.isfile(f"{root}/{path}"):
            yield path, f"{root}/{path}"
        else:
            yield from _below(root, path)


def _listed(root: Path, folder: str, endings: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    base = f"{root}/{folder}"
    try:
        names = sorted(os.listdir(base))
    except OSError:
        return
    for name in names:
        if name.endswith(endings) and not name.startswith("."):
            yield f"{folder}/{name}", f"{base}/{name}"


def _below(root: Path, folder: str) -> Iterator[tuple[str, str]]:
    for base, folders, names in os.walk(f"{root}/{folder}"):
        folders[:] = sorted(name for name in folders if not name.startswith((".", "__pycache__")))
        relative = base[len(str(root)) + 1 :].replace(os.sep, "/")
        for name in sorted(names):
            if not name.startswith(".") and not name.endswith(".pyc"):
                yield f"{relative}/{name}", f"{base}/{name}"
