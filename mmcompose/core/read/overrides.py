"""The command line as a layer: `--set args.max_num_seqs=8`, `--set bench+=load`, and options that are short for one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from mmcompose.core.hints import nearest
from mmcompose.core.read.load import load_text
from mmcompose.core.read.typed import LINE
from mmcompose.model import Origin, Path, Problem, Profile, Setting, dotted, parse_path

_OPTIONS = {"version": "--backend-version", "image_type": "--image-type"}


class Override(NamedTuple):
    """One `--set path=value`, or an option that is short for one."""

    path: Path
    value: Setting
    append: bool = False


def parse(sets: Sequence[str]) -> tuple[list[Override], list[Problem]]:
    overrides, problems = [], []
    for text in sets:
        name, equals, value = text.partition("=")
        append = name.endswith("+")
        path = parse_path(name.removesuffix("+"))
        if not equals or not path or any(isinstance(part, int) for part in path):
            where = Origin(LINE, "--set", 0, 0)
            problems.append(
                Problem(where, "", f"{text!r} is not path=value", "write it like args.max_num_seqs=8", "set")
            )
            continue
        if path[0] == "extends" or (path[0] == "services" and len(path) < 3):
            where = Origin(LINE, "--set", 0, 0)
            hint = "set what it should change, such as services.NAME.args.max_num_seqs=8"
            problems.append(Problem(where, name, "cannot be set as a whole", hint, "set"))
            continue
        tree, faults = _value(value)
        problems += [fault._replace(path=name) for fault in faults]
        if tree is not None:
            overrides.append(Override(path, tree, append))
    return overrides, problems


def short(name: str, value: str) -> Override:
    origin = Origin(LINE, _OPTIONS.get(name, f"--{name}"))
    return Override((name,), Setting(value, origin))


def of_no_service(overrides: Iterable[Override], profiles: Mapping[str, Profile]) -> Iterator[Problem]:
    """Reports overrides for a service that no profile has."""
    known = {name for profile in profiles.values() for name in profile.services}
    for override in overrides:
        if override.path[0] == "services" and override.path[1] not in known:
            hint = nearest(str(override.path[1]), known)
            yield Problem(
                override.value.origin, dotted(override.path), f"no profile has a service {override.path[1]!r}", hint
            )


def _value(text: str) -> tuple[Setting | None, list[Problem]]:
    """Reads a value by the same strict loader as files; its place is the option itself."""
    if not text:
        return Setting("", Origin(LINE, "--set")), []
    tree, problems = load_text(LINE, "--set", text)
    return (_placed(tree) if tree else None), [p._replace(origin=Origin(LINE, "--set")) for p in problems]


def _placed(tree: Setting) -> Setting:
    value = tree.value
    if isinstance(value, dict):
        value = {name: _placed(child) for name, child in value.items()}
    elif isinstance(value, tuple):
        value = tuple(_placed(child) for child in value)
    return Setting(value, Origin(LINE, "--set"))
