"""Compares two versions of an engine for a profile: refused arguments, new names, new defaults."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal, NamedTuple

from mmcompose.engines.flags.argv import text
from mmcompose.engines.flags.check import check
from mmcompose.engines.flags.history import Flag, History, VersionFlags
from mmcompose.engines.flags.names import lookup
from mmcompose.model import Fault, Path

Kind = Literal["breaks", "renamed", "deprecated", "follows", "default", "added", "removed", "type", "choices", "unsure"]
_LONGEST_DEFAULT = 60
_OLD = ("flag-deprecated", "flag-negative")
_PAIR = re.compile(r"([a-z_]+)=([0-9]{1,9})")


class Edit(NamedTuple):
    """An edit of the profile's arguments: remove `drop`, and set `path` if there is one."""

    drop: str
    path: Path = ()
    value: Any = None


class FlagChange(NamedTuple):
    """One difference between two versions. `path` is relative to the arguments; `setting` is the path of a value
    outside them, and `writes` are settings that avoid the fault."""

    path: Path
    kind: Kind
    message: str
    hint: str = ""
    edit: Edit | None = None
    setting: Path = ()
    writes: tuple[tuple[Path, Any], ...] = ()


def upgrade(history: History, old: str | None, new: str, args: Mapping[str, object]) -> list[FlagChange]:
    """The changes for `args` from version `old` to `new`, the breaking ones first."""
    here, there = history.place(old), history.place(new)
    had = {(fault.path, fault.rule) for fault in check(history, old, args)}
    faults = check(history, new, args)
    changes = [FlagChange((), "unsure", fault.message, fault.hint) for fault in faults if not fault.path]
    changes += [
        _from_fault(history, there.low, fault, args, known=(fault.path, fault.rule) in had)
        for fault in faults
        if fault.path
    ]
    before, after = VersionFlags(history, here.low), VersionFlags(history, there.low)
    changes = list(_apart(changes, args))
    written = {found.flag.name for name in args if (found := lookup(history, there.low, str(name)))}
    differences = _differences(before, after, new)
    changes += [change for change in differences if change.kind == "default" and change.path[0] not in written]
    order: list[Kind] = ["unsure", "breaks", "renamed", "deprecated", "default"]
    return sorted(changes, key=lambda change: (order.index(change.kind), str(change.path)))


def diff(history: History, old: str, new: str) -> list[FlagChange]:
    """Every difference between the flags of two versions, by name."""
    before = VersionFlags(history, history.place(old).low)
    after = VersionFlags(history, history.place(new).low)
    return sorted(_differences(before, after, new), key=lambda change: str(change.path))


def _from_fault(history: History, at: int, fault: Fault, args: Mapping[str, object], *, known: bool) -> FlagChange:
    name = str(fault.path[0])
    edit = _edit(history, at, name, args.get(name)) if len(fault.path) == 1 else None
    kind: Kind = "breaks" if fault.severity == "error" else "deprecated" if fault.rule in _OLD else "unsure"
    if fault.rule == "flag-removed" and edit is not None and edit.path:
        kind = "renamed"
    hint = "; ".join(filter(None, (fault.hint, "the present release has the same fault" if known else "")))
    if fault.rule not in ("flag-removed", *_OLD):
        edit = _as_mapping(name, args.get(name)) if fault.rule == "flag-json" else None
    return FlagChange(fault.path, kind, fault.message, hint, edit)


def _apart(changes: Iterable[FlagChange], args: Mapping[str, object]) -> Iterator[FlagChange]:
    """Leaves the second of two values for one argument to a person, since only one can be written."""
    taken: set[Path] = {(name,) for name, value in args.items() if not isinstance(value, dict)}
    taken |= {(name, key) for name, value in args.items() if isinstance(value, dict) for key in value}
    for change in changes:
        path = change.edit.path if change.edit is not None else ()
        if change.edit is None or not path or path == (change.edit.drop,):
            yield change
        elif path in taken or path[:1] in taken:
            name = ".".join(map(str, path))
            hint = f"{change.hint}; {name} has a value already, so decide between them"
            yield change._replace(kind="breaks" if change.kind == "renamed" else change.kind, hint=hint, edit=None)
        else:
            taken.add(path)
            yield change


def _as_mapping(name: str, value: object) -> Edit | None:
    """Rewrites `image=1,video=2`, which JSON flags of older releases accepted, as a mapping."""
    if not isinstance(value, str):
        return None
    pairs = [_PAIR.fullmatch(part) for part in value.split(",")]
    if not all(pairs):
        return None
    return Edit(name, (name,), {pair[1]: int(pair[2]) for pair in pairs if pair is not None})


def _edit(history: History, at: int, name: str, value: object) -> Edit | None:
    """The edit that replaces an argument, if the new flag exists at that version."""
    key = name.replace("-", "_")
    fix = history.fixes.get(key)
    if fix is None:
        return None
    if not fix.to or value is False:
        return Edit(name)
    if lookup(history, at, fix.to) is None:
        return None
    path: Path = (fix.to, fix.key) if fix.key else (fix.to,)
    return Edit(name, path, value if fix.value is None else fix.value)


def _differences(before: VersionFlags, after: VersionFlags, new: str) -> Iterator[FlagChange]:
    history = after.history
    olds, news = dict(before), dict(after)
    for name in olds.keys() - news.keys():
        found = lookup(history, after.version, name)
        if found is None:
            note = history.notes.get(name, "")
            yield FlagChange((name,), "removed", f"is gone in {new}", note, _edit(history, after.version, name, None))
        else:
            main = found.flag.name
            yield FlagChange((name,), "renamed", f"is now another spelling of {main}", edit=Edit(name, (main,)))
    for name in news.keys() - olds.keys():
        if lookup(history, before.version, name) is None:
            yield FlagChange((name,), "added", f"is new in {new}", kind_of(news[name]))
    for name in olds.keys() & news.keys():
        yield from _flag_differences(name, olds[name], news[name], history.notes.get(name, ""))


def _flag_differences(name: str, old: Flag, new: Flag, note: str) -> Iterator[FlagChange]:
    if new.stub and not old.stub:
        yield FlagChange((name,), "removed", "is refused", note)
        return
    if new.deprecated and not old.deprecated:
        yield FlagChange((name,), "deprecated", "is deprecated", note)
    if kind_of(old) != kind_of(new):
        yield FlagChange((name,), "type", f"takes {kind_of(new)}, was {kind_of(old)}")
    choices = _choices(old, new)
    if choices:
        yield FlagChange((name,), "choices", f"takes {choices}")
    if default_of(old) != default_of(new):
        yield FlagChange((name,), "default", f"default {default_of(old)} became {default_of(new)}")


def _choices(old: Flag, new: Flag) -> str:
    """The difference in choices; a flag with an open list may still accept a missing one."""
    if not old.choices or not new.choices:
        return ""
    gone = [choice for choice in old.choices if choice not in new.choices]
    added = [choice for choice in new.choices if choice not in old.choices]
    parts = [f"no longer {', '.join(gone)}"] if gone and not new.open else []
    parts += [f"also {', '.join(added)}"] if added else []
    parts += ["texts that are not listed too"] if new.open and not old.open else []
    return "; ".join(parts)


def kind_of(flag: Flag) -> str:
    amounts = {"": "", "?": " or nothing", "+": ", one or more", "*": ", any number", "repeat": ", repeated"}
    kind = {"int": "a whole number", "float": "a number", "str": "text", "json": "JSON", "switch": "true or false"}
    if flag.kind == "switch" and not flag.off:
        return "true only"
    return kind.get(flag.kind, flag.kind.replace("-", " ")) + amounts.get(flag.many, f", {flag.many}")


def default_of(flag: Flag) -> str:
    if flag.expr:
        return "computed"
    shown = "unset" if flag.default in (None, "") else text(flag.default)
    return shown if len(shown) <= _LONGEST_DEFAULT else shown[:_LONGEST_DEFAULT] + "..."
