"""Finds files that people expect mmcompose to read although it does not, and names the place where each belongs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from mmcompose.core.hints import nearest
from mmcompose.model import Origin, Problem
from mmcompose.model.targets import TARGETS

FOLDERS = ("backends", "hosts", "models", "runtimes")


def overlooked(paths: Iterable[str], backends: Collection[str]) -> Iterator[Problem]:
    """Reports `paths` that look like sources and are none. Files of other sorts are left alone."""
    strays = dict.fromkeys(
        found
        for path in paths
        if (found := _of_template(path, backends) if path.startswith("templates/") else _of_settings(path)) is not None
    )
    for path, hint in strays:
        folder, _, file = path.rpartition("/")
        read_here = folder in ("profiles", *(f"profiles/{each}" for each in FOLDERS))
        near = read_here and file.endswith(".yml") and not file.startswith(".")
        message = "must end in .yaml" if near else "is not read"
        yield Problem(Origin("", path, 1, 1), "", message, hint, "name", "error" if near else "warning")


def _of_template(path: str, backends: Collection[str]) -> tuple[str, str] | None:
    folder, _, inside = path.removeprefix("templates/").partition("/")
    if not inside or folder in backends or folder in TARGETS:
        return None
    return path, f"no backend is called {folder}: {nearest(folder, backends)}"


def _of_settings(path: str) -> tuple[str, str] | None:
    folder, _, file = path.rpartition("/")
    stem, _, ending = file.lstrip("._#").rpartition(".")
    if ending.lower() not in ("yaml", "yml") or (folder and not f"{folder}/".startswith("profiles/")):
        return None
    if not folder:
        return path, "rename it to mmcompose.yaml"
    parts = folder.split("/")[1:]
    if not parts or (parts == [parts[0]] and parts[0] in FOLDERS):
        return path, f"rename it to {stem}.yaml"
    near = parts[0].lower().rstrip("s")
    meant = next((name for name in FOLDERS if name.rstrip("s") == near), "")
    return path, f"move it to {'/'.join(filter(None, ('profiles', meant, f'{stem}.yaml')))}"
