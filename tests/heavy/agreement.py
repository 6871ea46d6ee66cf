"""Where a history and the engine's own parser differ: names, forms, choices, and verdicts on drawn command lines."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

from mmcompose.engines.flags.argv import command_line
from mmcompose.engines.flags.check import check
from mmcompose.engines.flags.history import Flag, History, VersionFlags
from tests.heavy.drawing import drawn
from tests.heavy.real_shapes import main_name, off_options, shape, snake

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.heavy.oracles import Oracle

# A union of two lists of words, of which the parser of 0.8.5 takes whichever comes first in a set.
MOODY = {"guided_decoding_backend"}
NOT_IN_PROFILES = {"help"}


def differing_facts(history: History, version: str, facts: Sequence[dict[str, Any]]) -> list[str]:
    """One line per difference between the catalogue and what the parser was found to take."""
    catalogue = VersionFlags(history, history.place(version).low)
    reported: list[str] = []
    seen: set[str] = set()
    for action in facts:
        names = {snake(option) for option in action["options"] if option.startswith("--")} & set(catalogue)
        name = next(iter(names), None) or main_name(action)
        if name is None or name in NOT_IN_PROFILES:
            continue
        seen.add(name)
        flag = catalogue.get(name)
        if flag is None:
            reported.append(f"{name}: the parser has it, the history has not")
            continue
        reported += [f"{name}: {line}" for line in _parts(name, flag, shape(action, name), off_options(action))]
    reported += [f"{name}: the history has it, the parser has not" for name in catalogue if name not in seen]
    return reported


def _parts(name: str, flag: Flag, real: dict[str, Any], off: list[str]) -> list[str]:
    reported = []
    for part in ("kind", "many", "fold", "pattern", "stub", "required"):
        ours, theirs = getattr(flag, part), real.get(part) or type(getattr(flag, part))()
        if ours != theirs:
            reported.append(f"{part} is {theirs!r}, not {ours!r}")
    formats = (bool(real.get("suffixes")), bool(real.get("auto")))
    if flag.kind in ("int", "float") and (bool(flag.suffixes), flag.auto) != formats:
        reported.append("number formats differ")
    if not flag.open and name not in MOODY and sorted(flag.choices) != sorted(real.get("choices", [])):
        reported.append(f"choices are {real.get('choices')}, not {list(flag.choices)}")
    # Where a converter is code of its own, the keys that it knows cannot be asked of it.
    keys = (sorted(real.get("keys", flag.keys)), bool(real.get("object")))
    if flag.kind == "json" and (sorted(flag.keys), flag.object) != keys:
        reported.append(f"keys are {real.get('keys')}, not {list(flag.keys)}")
    if {flag.off, *flag.negatives} - {""} != set(off):
        reported.append(f"negative forms are {off}")
    if set(flag.aliases) != set(real.get("aliases", [])):
        reported.append(f"aliases are {real.get('aliases')}, not {list(flag.aliases)}")
    return reported


def differing_verdicts(
    history: History, version: str, oracle: Oracle, start: Sequence[str], lines: int = 300
) -> list[str]:
    """Command lines that one of the two refuses and the other takes."""
    chance = random.Random(20_26)
    reported = []
    for number in range(lines):
        args = drawn(history, version, chance, wrong=number % 2 == 1)
        faults = [fault for fault in check(history, version, args) if fault.severity == "error"]
        arguments = [term for _, part in command_line(history, version, args) for term in part]
        verdict = oracle.verdict([*start, *arguments])
        if bool(faults) == (verdict == "ok"):
            ours = "; ".join(f"{fault.path}: {fault.message}" for fault in faults) or "fine"
            reported.append(f"{args}: we say {ours!r}, the parser says {verdict!r}")
    return reported
