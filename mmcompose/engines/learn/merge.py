"""Takes a further version into a history, and writes a history as text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from mmcompose.engines.flags.history import ABSENT, Fix, History
from mmcompose.engines.flags.versions import key
from mmcompose.engines.learn.add_argument import Shape

LISTS = ("flags", "also", "notes", "fixes", "shapes")  # one entry per line, so that a difference can be read


def merge(history: History, version: str, flags: Mapping[str, Shape], commit: str = "") -> History:
    """The history with `version` in its place; a version that it has already is replaced."""
    versions = [*history.versions]
    lives = {name: _life(history, name) for name in (*history.flags, *flags)}
    commits = [*history.commits]
    if version in versions:
        index = versions.index(version)
    else:
        index = _place(history, version)
        versions.insert(index, version)
        if commits or commit:
            commits.insert(index, commit)
        for life in lives.values():
            life.insert(index, None)
    for name, life in lives.items():
        life[index] = flags.get(name)
    return _coded(history._replace(versions=tuple(versions), commits=tuple(commits)), lives)


def strengthen(history: History, flags: Mapping[str, Shape]) -> dict[str, Shape]:
    """The shapes of a help text, with types from the newest known version: help texts name few types."""
    made: dict[str, Shape] = {}
    for name, shape in flags.items():
        known = _life(history, name)[-1]
        if known is None or (known["kind"] == "switch") != (shape["kind"] == "switch"):
            made[name] = shape
        else:
            made[name] = {**known, **{part: shape[part] for part in ("aliases", "choices", "off") if part in shape}}
    return made


def _place(history: History, version: str) -> int:
    wanted = key(history.order, version)
    if wanted is None:
        return len(history.versions)
    return sum((key(history.order, known) or wanted) < wanted for known in history.versions)


def _life(history: History, name: str) -> list[Shape | None]:
    row = history.row(name)
    shapes = [row.shape_at(index) if row else ABSENT for index in range(len(history.versions))]
    return [None if shape == ABSENT else dict(history.shapes[shape]) for shape in shapes]


def _coded(history: History, lives: Mapping[str, list[Shape | None]]) -> History:
    """Equal shapes once, and only the versions in which a flag changes."""
    shapes: list[Shape] = []
    known: dict[str, int] = {}
    flags: dict[str, list[int]] = {}
    also: dict[str, dict[str, None]] = {}
    for name, life in sorted(lives.items()):
        row: list[int] = []
        last = ABSENT
        for index, shape in enumerate(life):
            code = ABSENT
            if shape is not None:
                spelled = json.dumps(shape, sort_keys=True)
                code = known.setdefault(spelled, len(shapes))
                if code == len(shapes):
                    shapes.append(shape)
                for other in _other_names(name, shape, history):
                    also.setdefault(other, {})[name] = None
            if code != last:
                row += [index, code]
            last = code
        flags[name] = row
    return history._replace(
        shapes=tuple(shapes), flags=flags, also={other: tuple(names) for other, names in sorted(also.items())}
    )


def _other_names(name: str, shape: Mapping[str, Any], history: History) -> list[str]:
    """The further long spellings in snake_case; the plain --no- form needs no entry."""
    spelled = [*shape.get("aliases", ()), *shape.get("negatives", ()), shape.get("off", "")]
    long = [option for option in spelled if option.startswith("--") and option != "--no-" + history.option(name)[2:]]
    return [other for option in long if (other := option[2:].replace("-", "_")) != name]


def dump(history: History) -> str:
    """The history as text that `parse` reads back."""
    known = history._asdict()
    data: dict[str, Any] = {
        name: known[name] for name in known if name not in LISTS and (name != "help" or known[name])
    }
    data["fixes"] = {name: _short(fix) for name, fix in sorted(history.fixes.items())}
    data |= {name: dict(sorted(known[name].items())) for name in ("notes", "also")}
    data |= {"shapes": history.shapes, "flags": dict(sorted(history.flags.items()))}
    return "{\n" + ",\n".join(f"{_plain(name)}:{_lines(name, value)}" for name, value in data.items()) + "\n}\n"


def _short(fix: Fix) -> list[Any]:
    parts: list[Any] = [fix.to, fix.key, fix.value]
    while parts and parts[-1] in ("", None):
        parts.pop()
    return parts


def _lines(name: str, value: Any) -> str:
    if name not in LISTS or not value:
        return _plain(value)
    if isinstance(value, dict):
        return "{\n" + ",\n".join(f"{_plain(part)}:{_plain(item)}" for part, item in value.items()) + "\n}"
    return "[\n" + ",\n".join(_plain(item) for item in value) + "\n]"


def _plain(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
