"""Sources in, documents out: reads every file, checks it against its schema, and sorts it by kind and name.

A broken file hides nothing: its Problems are kept, its name is remembered so that nothing reports it as missing, and
its valid part is kept apart, so that it and the profiles that need it can still be judged.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from mmcompose.core.read import schema
from mmcompose.core.read.aside import in_doubt, unusable, usable
from mmcompose.core.read.load import load
from mmcompose.core.read.overlooked import overlooked
from mmcompose.core.read.ways_of_yaml import tight
from mmcompose.core.read.ways_out import alike
from mmcompose.model import Layer, Origin, Problem, Setting
from mmcompose.model.paths import SETTINGS

NAME = re.compile(r"[a-z][a-z0-9-]{0,61}[a-z0-9]\Z")
"""The form of names that Compose reads: services, volumes and networks."""
NAME_FORM = "small letters, digits and dashes, a letter first, two to 63 characters"
_INNER = re.compile(r"[a-z][a-z0-9_-]*[a-z0-9]\Z")
"""The form of names that Compose never reads: engines and runtimes keep their underscores."""
_FOLDERS = {
    "profiles/backends": "backend",
    "profiles/models": "model",
    "profiles/hosts": "host",
    "profiles/runtimes": "runtime",
    "profiles": "profile",
}


def name_like(text: str, otherwise: str) -> str:
    """Turns the name of a folder or machine into a valid one."""
    plain = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
    return plain if NAME.match(plain) else otherwise


class Source(NamedTuple):
    """The bytes of one file and the path that people know. `shipped` files came with mmcompose; `kept` is the path of a
    file outside the project's sources."""

    path: str
    data: bytes
    shipped: bool = False
    kept: str = ""

    @property
    def shown(self) -> str:
        return self.kept or (f"mmcompose:{self.path}" if self.shipped else self.path)


@dataclass(slots=True)
class Documents:
    """All layers of a project by kind and name, the names of broken files, and what is wrong."""

    layers: dict[str, dict[str, Layer]] = field(default_factory=dict)
    faulty: dict[str, dict[str, Layer]] = field(default_factory=dict)
    """The valid parts of files that have faults. They are judged, and used for nothing else."""
    broken: set[tuple[str, str]] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)

    def of(self, kind: str) -> Mapping[str, Layer]:
        return self.layers.get(kind, {})

    def known(self, kind: str) -> Mapping[str, Layer]:
        """Every layer that checks can judge, including the valid parts of faulty files."""
        faulty = self.faulty.get(kind)
        return {**self.of(kind), **faulty} if faulty else self.of(kind)

    def names(self, kind: str) -> set[str]:
        return {*self.of(kind), *(name for broken_kind, name in self.broken if broken_kind == kind)}

    def ancestors(self, profile: str) -> list[str]:
        """The profile and those that it extends, as far as their files can be read."""
        found = [profile]
        while (layer := self.of("profile").get(found[-1])) and (parent := layer.root.present(("extends",))):
            if str(parent.value) in found:
                break
            found.append(str(parent.value))
        return found


def kind_of(path: str) -> tuple[str, str] | None:
    """The kind and name of a path: `profiles/hosts/cpu.yaml` is the host `cpu`. A hidden file is nothing."""
    if path == SETTINGS:
        return "project", "mmcompose"
    if path == "profiles/defaults.yaml":
        return "service", "defaults"
    folder, _, file = path.rpartition("/")
    if folder in _FOLDERS and file.endswith(".yaml") and not file.startswith("."):
        return _FOLDERS[folder], file.removesuffix(".yaml")
    return None


def read(
    sources: Iterable[Source], schemas: Mapping[str, Mapping[str, Any]], unreadable: Mapping[str, str]
) -> Documents:
    documents, nobodys = Documents(), list[Source]()
    for path, reason in sorted(unreadable.items()):
        documents.problems.append(Problem(Origin("", path, 1, 1), "", f"cannot be read: {reason}", "", "file"))
        place = kind_of(path)
        if place is not None:
            documents.broken.add(place)
    for source in sorted(sources, key=lambda source: source.path):
        place = kind_of(source.path)
        if place is None:
            nobodys.append(source)
            continue
        kind, name = place
        layer, problems = _read_one(source, kind, name, schemas[kind])
        documents.problems += problems
        if layer is None or problems:
            documents.broken.add((kind, name))
        if layer is not None:
            held = documents.faulty if problems else documents.layers
            held.setdefault(kind, {})[name] = layer
    own = [source.path for source in nobodys if not source.shipped and not source.kept]
    documents.problems += overlooked(own, documents.names("backend"))
    return documents


def joined(documents: Documents, more: Documents) -> Documents:
    """Both, the second of which has further files."""
    kinds = {*documents.layers, *more.layers}, {*documents.faulty, *more.faulty}
    return Documents(
        {kind: {**documents.of(kind), **more.of(kind)} for kind in kinds[0]},
        {kind: {**documents.faulty.get(kind, {}), **more.faulty.get(kind, {})} for kind in kinds[1]},
        documents.broken | more.broken,
        [*documents.problems, *more.problems],
    )


def _layer(kind: str) -> str:
    return "defaults" if kind == "service" else kind


def _read_one(source: Source, kind: str, name: str, wanted: Mapping[str, Any]) -> tuple[Layer | None, list[Problem]]:
    start = Origin(_layer(kind), source.shown, 1, 1)
    problems = list(_misnamed(kind, name, start))
    tree, misread = load(_layer(kind), source.shown, source.data)
    problems += misread
    if tree is None:
        return None, problems
    if not isinstance(tree.value, dict):
        return None, [*problems, _no_mapping(tree)]
    faults = schema.faults(wanted, tree, source.data.decode("utf-8-sig"))
    problems += dict.fromkeys(fault.problem for fault in faults)
    if not problems:
        return Layer(_layer(kind), source.shown, tree), []
    aside = {*unusable(tree), *(fault.path for fault in faults)}
    doubtful = {in_doubt(tree, path) for path in aside} | {fault.meant for fault in faults}
    kept = usable(tree, aside, lambda left: [fault.path for fault in schema.faults(wanted, left, "")])
    known = sorted((path for path in doubtful if path is not None), key=str)
    return Layer(_layer(kind), source.shown, kept, tuple(known)), problems


def _misnamed(kind: str, name: str, start: Origin) -> Iterator[Problem]:
    if not (_INNER if kind in ("backend", "runtime") else NAME).match(name):
        yield Problem(start, "", f"{name!r} cannot be the name of a {kind}", NAME_FORM, "name")
    elif kind == "profile" and name.startswith("x-"):
        hint = "Compose takes what begins with x- for an extension: choose another name"
        yield Problem(start, "", f"{name!r} cannot be the name of a {kind}", hint, "name")


def _no_mapping(tree: Setting) -> Problem:
    written = tree.value if isinstance(tree.value, str) else ""
    lacking = tight(written)
    hint = "write the keys without dashes" if isinstance(tree.value, tuple) else alike(written)
    hint = lacking[1] if lacking else hint
    return Problem(tree.origin, "", "must be a mapping, `key: value` on each line", hint, "schema.type")
