"""The flag history of one engine: the flags of each of its versions, and their forms.

The data is run-length coded: a flag is a row of (first version, shape) pairs, equal shapes are stored once, and a
`Flag` is built at its first use, so that a check of eight flags costs eight flags.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from mmcompose.engines.flags.versions import Order, Position, place

Kind = Literal["switch", "truth", "int", "float", "str", "json", "json-or-str", "pairs"]
ABSENT = -1
_place = lru_cache(256)(place)  # a thousand profiles pin a handful of versions


class Flag(NamedTuple):
    """One command-line flag at one version of an engine."""

    name: str  # as a profile writes it: max_num_seqs
    option: str  # as the engine reads it: --max-num-seqs
    kind: Kind
    many: str = ""  # "": one value; "?": value optional; "+", "*": several; "2": exactly two; "repeat"; ",": joined
    off: str = ""  # what turns a switch off: --no-enable-x, or =false behind the option
    negatives: tuple[str, ...] = ()  # further spellings of off
    aliases: tuple[str, ...] = ()  # other spellings, short ones too
    choices: tuple[str, ...] = ()
    open: bool = False  # choices are only the known ones: plug-ins and platforms may add more
    default: Any = None
    nullable: bool = False  # "" and "None" mean null
    suffixes: str = ""  # see number_forms: "K" where 8K is 8192, "Ki" where 8Ki is
    auto: bool = False  # a number or "auto"
    words: tuple[str, ...] = ()  # texts that stand for a number: auto, all
    keys: tuple[str, ...] = ()  # keys of a JSON object that is strict about them
    object: bool = False  # a JSON value that must be an object
    pairs: bool = False  # a JSON value that may also be written k=v,k=v
    deprecated: bool = False
    stub: bool = False  # still parsed, but only to refuse it
    required: bool = False
    expr: str = ""  # a default that the engine computes
    group: str = ""  # what it belongs to, where it is valid only there: task text_generation
    pattern: str = ""  # a regular expression that every text value must match
    fold: bool = False  # choices are compared in lower case


class Fix(NamedTuple):
    """The replacement of a flag that is gone: nothing, another flag, or a key of a JSON flag."""

    to: str = ""
    key: str = ""
    value: Any = None  # what to write there; None: the old value


class FlagLife(NamedTuple):
    """The life of one flag: at `starts[i]` it takes the shape `shapes[i]` (ABSENT: it is gone)."""

    starts: tuple[int, ...]
    shapes: tuple[int, ...]

    def shape_at(self, version: int) -> int:
        index = bisect_right(self.starts, version) - 1
        return self.shapes[index] if index >= 0 else ABSENT


class History(NamedTuple):
    """Everything known about the flags of one engine. `versions` runs from the oldest to the newest."""

    engine: str
    title: str
    order: Order
    versions: tuple[str, ...]
    sampled: bool  # only some releases were read, so "since" and "removed" are bounds
    dashes: bool  # --max-num-seqs, or --max_num_seqs
    abbreviates: bool  # the engine's parser takes unambiguous beginnings of a name
    joins: bool  # --name=value works, which a value that begins with a dash needs
    commits: tuple[str, ...]
    shapes: tuple[Mapping[str, Any], ...]
    flags: Mapping[str, list[int]]
    also: Mapping[str, tuple[str, ...]]  # other spellings: tensor_parallel_size -> (tp_size,)
    notes: Mapping[str, str]  # what to do about a removed or deprecated flag
    fixes: Mapping[str, Fix]  # the same, where a machine can do it
    help: Mapping[str, str] = MappingProxyType({})  # what a flag does, from its program's help text

    def row(self, name: str) -> FlagLife | None:
        data = self.flags.get(name)
        return None if data is None else FlagLife(tuple(data[::2]), tuple(data[1::2]))

    def place(self, version: str | None) -> Position:
        return _place(self.order, self.versions, version, self.commits)

    def option(self, name: str) -> str:
        return "--" + (name.replace("_", "-") if self.dashes else name)


class VersionFlags(Mapping[str, Flag]):
    """The flags of one version, each built at its first use."""

    def __init__(self, history: History, version: int) -> None:
        self.history = history
        self.version = version

    def __getitem__(self, name: str) -> Flag:
        flag = flag_at(self.history, self.version, name)
        if flag is None:
            raise KeyError(name)
        return flag

    def __iter__(self) -> Iterator[str]:
        rows = ((name, self.history.row(name)) for name in self.history.flags)
        return (name for name, row in rows if row and row.shape_at(self.version) != ABSENT)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def flag_at(history: History, version: int, name: str) -> Flag | None:
    """The flag `name` (its main name) at the version with this index, or None where it does not exist."""
    row = history.row(name)
    shape = row.shape_at(version) if row else ABSENT
    if shape == ABSENT:
        return None
    facts = dict(history.shapes[shape])
    option = facts.pop("option", history.option(name))
    for key in ("aliases", "choices", "keys", "negatives", "words"):
        if key in facts:
            facts[key] = tuple(facts[key])
    if facts.get("off") == "no":
        facts["off"] = "--no-" + option.removeprefix("--")
    return Flag(name=name, option=option, **facts)


def last_form(history: History, name: str) -> Flag | None:
    """The last form of a flag, in whatever version."""
    row = history.row(name)
    starts = [start for start, shape in zip(row.starts, row.shapes, strict=True) if shape != ABSENT] if row else []
    return flag_at(history, max(starts), name) if starts else None


def at(history: History, version: str | None) -> VersionFlags:
    """The catalogue for `version`: its own, else that of the nearest older known version."""
    return VersionFlags(history, history.place(version).low)


def parse(text: str) -> History:
    data = json.loads(text)
    tuples = {name: tuple(data.get(name, ())) for name in ("versions", "commits", "shapes")}
    also = {name: tuple(names) for name, names in data["also"].items()}
    return History(
        **{**data, **tuples, "also": also, "fixes": {name: Fix(*fix) for name, fix in data["fixes"].items()}}
    )


Histories = Callable[[str], History | None]
"""The history of an engine by its name; None where there is none."""
