"""Draws arguments, right and wrong ones, from what a history says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mmcompose.engines.flags.history import Flag, History, VersionFlags

if TYPE_CHECKING:
    from random import Random

# Read a file, are written by us, or are taken by the parser of 0.8.5 as it pleases (see agreement.MOODY).
LEFT_OUT = {"config", "model", "model_path", "guided_decoding_backend"}
WRONG_FOR_ALL = "zq-no"


def drawn(history: History, version: str, chance: Random, *, wrong: bool) -> dict[str, Any]:
    """One to four arguments; with `wrong`, one of them is."""
    index = history.place(version).low
    catalogue = VersionFlags(history, index)
    names = sorted(name for name, flag in catalogue.items() if name not in LEFT_OUT and not flag.stub)
    picked = chance.sample(names, chance.randint(1, 4))
    args = {name: good(catalogue[name], chance) for name in picked}
    if wrong:
        args |= _fault(history, catalogue, names, chance)
    return args


def _fault(history: History, catalogue: VersionFlags, names: list[str], chance: Random) -> dict[str, Any]:
    kind = chance.choice(["value", "value", "value", "unknown", "elsewhere", "stub"])
    stubs = sorted(name for name, flag in catalogue.items() if flag.stub)
    if kind == "stub" and stubs:
        name = chance.choice(stubs)
        return {name: True if catalogue[name].kind == "switch" else 7}
    if kind == "unknown":
        return {chance.choice(names) + "_zq": 1}
    if kind == "elsewhere":
        others = sorted(name for name in history.flags if name not in catalogue and name not in LEFT_OUT)
        others = [name for name in others if not any(other.startswith(name) for other in names)]
        if others:
            return {chance.choice(others): 1}
    for _ in range(50):
        name = chance.choice(names)
        value = bad(catalogue[name], chance)
        if value is not None:
            return {name: value}
    return {"zq": 1}


def good(flag: Flag, chance: Random) -> Any:
    if flag.choices:  # also where plug-ins may add more: those are warned of, never refused
        one: Any = chance.choice(flag.choices)
    else:
        one = chance.choice(GOOD[flag.kind](flag))
    if flag.many in ("+", "*", "repeat") and flag.kind != "switch":
        return [one, one] if chance.random() < 0.5 else [one]
    return [one] * int(flag.many) if flag.many.isdigit() else one


NUMBERS = {"": [], "K": ["8k", "8K", "1.5m"], "Ki": ["8k", "8Ki", "1.5M"]}
GOOD: dict[str, Any] = {
    "switch": lambda flag: [True, False] if flag.off or flag.default is not True else [True],
    "truth": lambda _: [True, False],
    "int": lambda flag: (
        [1, 8192, "16"] + (["8k", "8K", "1.5m"] if flag.suffixes else []) + (["auto"] if flag.auto else [])
    ),
    "float": lambda _: [0.5, 1, "0.9"],
    "str": lambda flag: ["a=b"] if flag.pattern else ["word", "a b", "7"],
    "json": lambda flag: [{}] if flag.keys else [{"zq": 1}, '{"zq": 1}', {}] + ([] if flag.object else [[1, 2]]),
    "json-or-str": lambda _: ["word", {"zq": 1}],
    "pairs": lambda _: ["image=1", {"image": 1, "video": 2}],
}


def bad(flag: Flag, chance: Random) -> Any:
    """A value that the engine refuses, or None where it refuses none."""
    refused: dict[str, list[Any]] = {
        "switch": ["maybe", 3],
        "truth": ["maybe"],
        "int": ["zq", 1.5, "8q", "8K2"] + {"": ["8k"], "K": ["8Ki"], "Ki": ["8K", "1m"]}[flag.suffixes],
        "float": ["zq", "0,5"],
        "json": ["{zq", "zq: 1"] + ([[1]] if flag.object else []) + ([{"zq": 1}] if flag.keys else []),
        "json-or-str": ["{zq}"],
        "pairs": ["image", "image=x"],
        "str": ["zq"] if flag.pattern else [WRONG_FOR_ALL] if flag.choices and not flag.open else [],
    }
    values = refused[flag.kind]
    if not values:
        return None
    one = chance.choice(values)
    return [one] if flag.many in ("+", "*", "repeat") and flag.kind != "switch" else one
