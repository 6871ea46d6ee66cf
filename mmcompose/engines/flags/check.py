"""Checks a profile's arguments against the flags of the pinned version, before anything starts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from mmcompose.engines.flags.history import Flag, History, flag_at
from mmcompose.engines.flags.names import FoundFlag, lookup, lookup_near, short_for, spellings
from mmcompose.engines.flags.nearest import HELPED, did_you_mean
from mmcompose.engines.flags.opposites import bare, negated
from mmcompose.engines.flags.values import misfits
from mmcompose.engines.flags.versions import Position
from mmcompose.model import Fault

_FEW = 6
"""So many names with the same first part are one family; in a larger one that part says nothing."""


class CheckedArgument(NamedTuple):
    """One argument at one known version. `shown` is the version that the profile names."""

    history: History
    at: int  # which known version
    shown: str
    key: str  # as written
    name: str  # with underscores
    helped: bool = True  # whether a near name is looked for

    @property
    def release(self) -> str:
        return f"{self.history.title} {self.shown}"

    @property
    def note(self) -> str:
        return self.history.notes.get(self.name, "")


def check(
    history: History | None, version: str | None, args: Mapping[Any, object], rendered_by_us: Collection[str] = ()
) -> list[Fault]:
    """Every fault of `args`, in their order. `rendered_by_us`: names that mmcompose writes itself."""
    if history is None or not args:
        return []
    spot = history.place(version)
    shown = str(version) if spot.standing in ("exact", "between") else history.versions[spot.low]
    faults: list[Fault] = []
    seen: dict[str, str] = {}
    strangers = 0
    for key, value in args.items():
        if not isinstance(key, str):
            faults.append(Fault((str(key),), f"is not a flag name: {key!r}", "put it in quotes", "flag-name"))
            continue
        name = key.strip().lstrip("-").replace("-", "_") if "-" in key else key
        if name != key:
            hint = f"write {name}"
            faults.append(Fault((key,), "must be written with underscores", hint, "flag-kebab"))
        look = CheckedArgument(history, spot.low, shown, key, name, helped=strangers < HELPED)
        agreed = _agreed(look, spot, value)
        strangers += any(fault.rule == "flag-unknown" for fault in agreed)
        faults += agreed
        faults += _doubles(look, spot, rendered_by_us, seen)
    if spot.standing in ("newer", "older", "unknown"):
        faults = [fault._replace(severity="warning") for fault in faults]
    return [*_version_faults(history, version, spot), *faults]


def _version_faults(history: History, version: str | None, spot: Position) -> Iterator[Fault]:
    """At most one warning: why the flags of this version are not certain."""
    first, last = history.versions[0], history.versions[-1]
    hint = "flag problems are warnings"
    if spot.standing == "newer":
        message = f"the flag history of {history.title} ends at {last}, before {version}"
    elif spot.standing == "older":
        message = f"the flag history of {history.title} begins at {first}, after {version}"
    elif spot.standing == "unknown":
        what = f"{version!r} is not a version of {history.title}" if version else f"no {history.title} version is named"
        message = f"{what}: flags are compared with {last}"
        hint = f"set engine_version; until then {hint}"
    else:
        return
    yield Fault((), message, hint, "flag-version", "warning")


def _agreed(look: CheckedArgument, spot: Position, value: object) -> list[Fault]:
    """The faults of one argument. If only one of two known versions refuses it, the fault is a warning."""
    low = list(_faults(look, value))
    if spot.low == spot.high:
        return low
    high = list(_faults(look._replace(at=spot.high), value))
    if bool(low) == bool(high):
        return low
    names = look.history.versions
    bad, good = (spot.low, spot.high) if low else (spot.high, spot.low)
    why = f"this is so in {names[bad]}, not in {names[good]}; {look.shown} lies between them"
    return [
        fault._replace(hint=f"{fault.hint}; {why}" if fault.hint else why, severity="warning") for fault in low or high
    ]


def _doubles(look: CheckedArgument, spot: Position, ours: Collection[str], seen: dict[str, str]) -> Iterator[Fault]:
    found = lookup_near(look.history, spot, look.name)
    main = found.flag.name if found else look.name
    if main in ours or look.name in ours:
        yield Fault((look.key,), "mmcompose writes this flag itself", "remove it here", "flag-duplicate")
    if main in seen:
        yield Fault((look.key,), f"is the same flag as {seen[main]}", "keep one of them", "flag-duplicate")
    seen.setdefault(main, look.key)


def _faults(look: CheckedArgument, value: object) -> Iterator[Fault]:
    found = lookup(look.history, look.at, look.name)
    if found is None:
        yield _missing(look, value)
        return
    if found.flag.stub:
        message = f"was removed by {look.history.title} {_form_since(look)}"
        yield Fault((look.key,), message, look.note, "flag-removed")
        return
    if found.flag.deprecated:
        note = look.note or look.history.notes.get(found.flag.name, "")
        yield Fault((look.key,), f"is deprecated in {look.release}", note, "flag-deprecated", "warning")
    if found.via == "negative":
        yield _negative(look, found, value)
    for fault in misfits(found.flag, value):
        yield fault._replace(path=(look.key, *fault.path))


def _negative(look: CheckedArgument, found: FoundFlag, value: object) -> Fault:
    message = f"is the negative form of {found.flag.name} in {look.release}"
    hint = look.note or f"write {found.flag.name}: {str(value is not True).lower()}"
    return Fault((look.key,), message, hint, "flag-negative", "warning")


def _form_since(look: CheckedArgument) -> str:
    """The version that began the present form of the flag."""
    row = look.history.row(look.name)
    return look.history.versions[max((start for start in row.starts if start <= look.at), default=0) if row else 0]


def _missing(look: CheckedArgument, value: object) -> Fault:
    """Reports a flag that is removed, newer, or unknown. The name may have been another spelling of a flag."""
    history = look.history
    here = [at for at, _ in enumerate(history.versions) if lookup(history, at, look.name)]
    if not here:
        return _unknown(look, value)
    gone = [at for at in here if at < look.at]
    if gone:
        removed = "was removed by" if history.sampled else "was removed in"
        message = f"{removed} {history.title} {history.versions[gone[-1] + 1]}"
        return Fault((look.key,), message, look.note or _otherwise(look, gone[-1], value), "flag-removed")
    since = f"{'known since' if history.sampled else 'since'} {history.versions[here[0]]}"
    until_then = _otherwise(look, here[0], value)
    hint = f"{since}; {until_then}" if until_then else since
    return Fault((look.key,), f"is not in {look.release} yet", hint, "flag-not-yet")


def _otherwise(look: CheckedArgument, elsewhere: int, value: object) -> str:
    """The flag of this release that replaces the name from another release."""
    found = lookup(look.history, elsewhere, look.name)
    if found is None or found.via == "name":
        return ""
    flag = flag_at(look.history, look.at, found.flag.name)
    if flag is None or flag.stub:
        return ""
    return _turned_round(flag, value) if found.via == "negative" else f"write {flag.name}"


def _turned_round(flag: Flag, value: object) -> str:
    """How to write the meaning of an opposite with this switch."""
    if value is False:
        return f"write {flag.name}: true"
    if flag.off or flag.kind != "switch":
        return f"write {flag.name}: false"
    return "" if flag.default is True else f"leave it out: this is the default unless {flag.name}: true is set"


def _unknown(look: CheckedArgument, value: object) -> Fault:
    if not look.helped:
        return Fault((look.key,), f"is not a flag of {look.release}", "", "flag-unknown")
    known = spellings(look.history, look.at)
    base, dot, rest = look.name.partition(".")
    if dot and base in known:
        hint = f"write {base}: {{{rest}: ...}}"
        return Fault((look.key,), "keys of a JSON flag are written as a mapping", hint, "flag-dotted")
    meant = {main for spelling, main in known.items() if spelling.startswith(look.name)}
    if look.history.abbreviates and len(meant) == 1:
        full = meant.pop()
        return Fault((look.key,), f"is an abbreviation of {full}", f"write {full}", "flag-abbreviation")
    long = short_for(look.history, look.at, look.name)
    if long:
        return Fault((look.key,), f"is the short form of {long}", f"write {long}", "flag-abbreviation")
    hint = _same_switch(look, value, known) or _begun(look.name, known) or did_you_mean(look.name, known, most=2)
    return Fault((look.key,), f"is not a flag of {look.release}", hint, "flag-unknown")


def _begun(name: str, known: Iterable[str]) -> str:
    """The shortest of a few names that begin with this whole part: `ctx_size` for `ctx`."""
    begun = sorted((each for each in known if each.startswith(f"{name}_")), key=lambda each: (len(each), each))
    near = [each for each in begun if len(each) == len(begun[0])] if len(begun) <= _FEW else []
    return f"did you mean {' or '.join(near)}?" if 0 < len(near) <= 2 else ""


def _same_switch(look: CheckedArgument, value: object, known: Mapping[str, str]) -> str:
    """Finds `enable_x` for `disable_x`, and the like: names that differ only in the part that means on or off."""
    mine = bare(look.name)
    same = [spelling for spelling in known if mine and bare(spelling) == mine] if isinstance(value, bool) else []
    for spelling in same:
        flag = flag_at(look.history, look.at, known[spelling])
        if flag is not None and flag.kind == "switch" and flag.name == spelling and not flag.stub:
            return _turned_round(flag, value) if negated(look.name, spelling) else f"write {spelling}"
    return ""
