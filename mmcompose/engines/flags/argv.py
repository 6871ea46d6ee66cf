"""Turns the arguments of a profile into a command line, in the profile's order."""

from __future__ import annotations

import json
from collections.abc import Mapping

from mmcompose.engines.flags.history import History, last_form
from mmcompose.engines.flags.names import FoundFlag, lookup_near

Line = list[tuple[str, list[str]]]

TRUE_TEXTS = ("on", "1", "true", "yes")
FALSE_TEXTS = ("off", "0", "false", "no")


def command_line(history: History | None, version: str | None, args: Mapping[str, object]) -> Line:
    """One entry per argument: its name in the profile and its parts (none if leaving it out means the same)."""
    if history is None:
        return [(str(name), _plain("--" + str(name).replace("_", "-"), value)) for name, value in args.items()]
    spot = history.place(version)
    line: Line = []
    for name, value in args.items():
        found = lookup_near(history, spot, str(name))
        if found is None and (flag := last_form(history, str(name))):
            # `check` reports that this version lacks it, and the command still shows it.
            found = FoundFlag(flag, "name", flag.option)
        written = parts(history, found, value) if found else _plain(history.option(str(name)), value)
        line.append((str(name), written))
    return line


def parts(history: History, found: FoundFlag, value: object) -> list[str]:
    flag = found.flag
    if value is None:
        return []
    if flag.kind == "switch":
        return _switch(found, value)
    if isinstance(value, bool):
        return _yes_or_no(found, value)
    if isinstance(value, (list, tuple)) and flag.kind not in ("json", "json-or-str"):
        return _several(history, found, [text(item) for item in value])
    if isinstance(value, Mapping) and flag.kind == "pairs":
        return _one(history, found, ",".join(f"{key}={text(item)}" for key, item in value.items()))
    return _one(history, found, text(value))


def _switch(found: FoundFlag, value: object) -> list[str]:
    """Writes true and false; `check` reports any other value, which stays as it is."""
    flag = found.flag
    if not isinstance(value, bool):
        return [found.option, text(value)]
    if found.via == "negative":
        return [found.option] if value else []
    if value:
        return [found.option]
    if flag.off.startswith("="):
        return [found.option + flag.off]
    return [flag.off] if flag.off else []


def _yes_or_no(found: FoundFlag, value: bool) -> list[str]:
    """Writes true and false for a flag that takes a text, as the flag spells them: on, 1, true."""
    flag = found.flag
    known = TRUE_TEXTS if value else FALSE_TEXTS
    own = [choice for choice in flag.choices if choice.lower() in known]
    if not own and flag.many == "?" and flag.kind == "str":
        return [found.option] if value else []
    return [found.option, own[0] if own else text(value)]


def _several(history: History, found: FoundFlag, items: list[str]) -> list[str]:
    many = found.flag.many
    if not items:
        return [found.option] if many == "*" else []
    if many == ",":
        return _one(history, found, ",".join(items))
    if many in ("+", "*") or many.isdigit():
        return [found.option, *items]
    return [part for item in items for part in _one(history, found, item)]


def _one(history: History, found: FoundFlag, item: str) -> list[str]:
    if history.joins and item.startswith("-"):
        # Else the parser takes the value for the next flag; vLLM does so even with -0.5.
        return [f"{found.option}={item}"]
    return [found.option, item]


def _plain(option: str, value: object) -> list[str]:
    if value is None or value is False:
        return []
    if value is True:
        return [option]
    if isinstance(value, (list, tuple)):
        return [part for item in value for part in (option, text(item))]
    return [option, text(value)]


def text(value: object) -> str:
    """Writes one value: numbers plain, mappings and nested lists as compact JSON."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (Mapping, list, tuple)):
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False, default=str)
    return str(value)
