"""Reads a matrix of measurements from a file: profiles x kinds x options x repeats, interleaved. Pure.

Repeats go round A B A B and not A A B B: temperature and caches drift, and the drift must not become a difference.
"""

from __future__ import annotations

import hashlib
import json
import shlex
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from math import prod
from typing import Any, NamedTuple

from mmcompose.core.hints import listing, nearest
from mmcompose.core.read.load import load
from mmcompose.engines.known.benchmarks import contained
from mmcompose.model import Path, Problem, Setting, dotted

_KEYS = ("description", "profiles", "kinds", "set", "matrix", "repeats")
_MOST = 10_000
_SHOWN = 10**15


class Cell(NamedTuple):
    """One run. `sets` are values of the profile, such as `args.max_num_seqs=8`; `options` are the client's."""

    profile: str
    kind: str
    sets: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    repeat: int = 1

    @property
    def id(self) -> str:
        """The same id in every run of the same suite, so that a stopped suite continues at the right place."""
        text = json.dumps([self.profile, self.kind, self.sets, self.options, self.repeat])
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    @property
    def shown(self) -> str:
        parts = [self.profile, self.kind, *self.sets, *self.options]
        return f"{' '.join(parts)} #{self.repeat}"

    @property
    def command(self) -> str:
        """The command that measures it alone."""
        sets = [part for value in self.sets for part in ("--set", value)]
        more = ["--", *self.options] if self.options else []
        return shlex.join(["mmcompose", "bench", "run", self.profile, self.kind, *sets, *more])


class Suite(NamedTuple):
    name: str
    cells: tuple[Cell, ...] = ()
    problems: tuple[Problem, ...] = ()


def read(name: str, file: str, data: bytes, profiles: Sequence[str]) -> Suite:
    tree, problems = load("suite", file, data)
    if tree is None or problems:
        return Suite(name, (), tuple(problems))
    if not isinstance(tree.value, dict):
        return Suite(name, (), (Problem(tree.origin, "", "must be a mapping, `key: value` on each line"),))
    found = list(_faults(tree, profiles))
    if found:
        return Suite(name, (), tuple(found))
    plain = tree.plain()
    runs = _count(plain)
    if runs > _MOST:
        message = f"{runs if runs < _SHOWN else f'more than {_SHOWN}'} runs; more than {_MOST} are surely a mistake"
        hint = "shorten the lists of the matrix, of the kinds, or the repeats"
        return Suite(name, (), (Problem(tree.origin, "", message, hint, "suite"),))
    return Suite(name, tuple(_cells(plain, list(tree.value["kinds"].value))))


def _count(plain: Mapping[str, Any]) -> int:
    """The number of its runs, without building them."""
    kinds = plain["kinds"]
    options = [kinds[kind] or {} for kind in kinds] if isinstance(kinds, dict) else [{} for _ in kinds]
    matrix = _product(plain.get("matrix") or {})
    return int(plain.get("repeats") or 1) * len(plain["profiles"]) * matrix * sum(map(_product, options))


def _product(choices: Mapping[str, Any]) -> int:
    return prod(len(value) if isinstance(value, list) else 1 for value in choices.values())


def _cells(plain: Mapping[str, Any], kinds: Sequence[Any]) -> Iterator[Cell]:
    combinations = list(_combined(plain.get("matrix") or {}))
    common = _as_sets(plain.get("set") or {})
    names = [kind.value if isinstance(kind, Setting) else kind for kind in kinds]
    options = plain["kinds"] if isinstance(plain["kinds"], dict) else {}
    for repeat in range(1, int(plain.get("repeats") or 1) + 1):
        # Everything that one start of a profile can measure stands together, for a start is what costs.
        for profile, values in product(plain["profiles"], combinations):
            for kind in names:
                for more in _combined(options.get(kind) or {}):
                    yield Cell(profile, kind, (*common, *_as_sets(values)), tuple(_options(more)), repeat)


def _combined(choices: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """All combinations: `{a: [1, 2], b: 3}` gives a=1 b=3 and a=2 b=3."""
    names = list(choices)
    lists = [value if isinstance(value, list) else [value] for value in choices.values()]
    for values in product(*lists):
        yield dict(zip(names, values, strict=True))


def _as_sets(values: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(f"{path}={value if isinstance(value, str) else json.dumps(value)}" for path, value in values.items())


def _options(values: Mapping[str, Any]) -> Iterator[str]:
    for name, value in values.items():
        option = f"--{name.replace('_', '-')}"
        if value is True:
            yield option
        elif value is not False:
            yield f"{option}={value}"


def _faults(tree: Setting, profiles: Sequence[str]) -> Iterator[Problem]:
    for name, child in tree.value.items():
        if name not in _KEYS:
            yield Problem(child.place, name, "is not a known key", nearest(name, _KEYS), "suite")
    for name in ("profiles", "kinds"):
        found = tree.at((name,))
        if found is None or not found.value:
            yield Problem(tree.origin, name, "is missing", f"list at least one of {name}", "suite")
    yield from _listed(tree, "profiles", profiles)
    yield from _listed(tree, "kinds", list(contained()))
    yield from _mappings(tree)
    repeats = tree.at(("repeats",))
    if repeats is not None and (
        isinstance(repeats.value, bool) or not isinstance(repeats.value, int) or repeats.value < 1
    ):
        yield Problem(repeats.place, "repeats", f"{repeats.value!r} is no number of repeats", "1 or more", "suite")


def _listed(tree: Setting, name: str, known: Sequence[str]) -> Iterator[Problem]:
    """A list of names, or for kinds a mapping from names to options."""
    found = tree.at((name,))
    if found is None or not found.value:
        return
    if isinstance(found.value, dict) and name == "kinds":
        items = [(each, child) for each, child in found.value.items()]
    elif isinstance(found.value, tuple):
        items = [(child.value, child) for child in found.value]
    else:
        yield Problem(found.place, name, "must be a list of names", "", "suite")
        return
    for each, child in items:
        if not isinstance(each, str) or each not in known:
            hint = nearest(str(each), known) or f"known: {listing(sorted(known))}"
            yield Problem(child.place, name, f"no {name[:-1]} {each!r}", hint, "suite")


def _mappings(tree: Setting) -> Iterator[Problem]:
    """Options and values: plain ones, or lists of plain ones to try each."""
    places: list[tuple[Path, Setting | None]] = [((name,), tree.at((name,))) for name in ("set", "matrix")]
    kinds = tree.at(("kinds",))
    if kinds is not None and isinstance(kinds.value, dict):
        places += [(("kinds", name), child) for name, child in kinds.value.items()]
    for path, found in places:
        if found is None or found.value is None:
            continue
        if not isinstance(found.value, dict):
            yield Problem(found.place, dotted(path), "must be a mapping, `name: value` on each line", "", "suite")
            continue
        for name, child in found.value.items():
            values = child.value if isinstance(child.value, tuple) and path != ("set",) else (child,)
            if not values:
                yield Problem(child.place, dotted((*path, name)), "an empty list makes no runs", "", "suite")
            for each in values:
                if each.value is None or isinstance(each.value, (dict, tuple)):
                    where = dotted((*path, name))
                    yield Problem(each.place, where, "must be a plain value", "quote what holds commas", "suite")
