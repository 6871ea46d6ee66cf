"""Reads a command line back into the arguments of a profile: the inverse of `argv.command_line`.

A flag is looked for in the pinned version first, then in all others, so that one which is gone still keeps its value.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import takewhile
from typing import Any, NamedTuple

from mmcompose.engines.flags.argv import FALSE_TEXTS, TRUE_TEXTS
from mmcompose.engines.flags.history import Flag, History, VersionFlags, last_form

_OPTION = re.compile(r"--?[A-Za-z]")
_NUMBER = re.compile(r"-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?\Z")
_SHORT = re.compile(r"(-[A-Za-z]{1,4})=?([0-9]+)\Z")


class ReadArgument(NamedTuple):
    """One argument of a command line. `first` and `last` are its indices in the line.

    `name` is the flag's spelling in the line, where a profile may write it so, else its main name.
    """

    name: str
    value: Any
    first: int
    last: int
    lacks_value: bool = False


class ReadLine(NamedTuple):
    arguments: list[ReadArgument]
    positional: list[int]
    """The indices of what no option takes."""


def read_line(history: History | None, version: str | None, line: Sequence[str]) -> ReadLine:
    """The arguments of a command line without its program. Options of which nothing is known keep what follows them."""
    known = _spellings(history, version) if history else {}
    arguments: list[ReadArgument] = []
    positional: list[int] = []
    at = 0
    while at < len(line):
        if _is_option(line[at]):
            arguments.append(_option(history, known, line, at))
            at = arguments[-1].last
        else:
            positional.append(at)
        at += 1
    return ReadLine(_joined(arguments), positional)


class _Spelled(NamedTuple):
    flag: Flag
    negative: bool = False
    name: str = ""


def _spellings(history: History, version: str | None) -> dict[str, _Spelled]:
    """Every spelling of every flag; those of the pinned version win."""
    spot = history.place(version)
    flags = [flag for index in dict.fromkeys((spot.low, spot.high)) for flag in VersionFlags(history, index).values()]
    flags += [flag for name in history.flags if (flag := last_form(history, name))]
    found: dict[str, _Spelled] = {}
    for flag in flags:
        for spelled in (flag.option, *flag.aliases):
            name = spelled[2:].replace("-", "_") if spelled.startswith("--") else flag.name
            found.setdefault(spelled, _Spelled(flag, name=name))
        for spelled in (flag.off, *flag.negatives):
            if spelled.startswith("-"):
                found.setdefault(spelled, _Spelled(flag, negative=True, name=flag.name))
    return found


def _option(history: History | None, known: Mapping[str, _Spelled], line: Sequence[str], at: int) -> ReadArgument:
    """The option at an index of the line, with what belongs to it."""
    option, equals, joined = line[at].partition("=")
    head, dot, inner = option.partition(".")
    spelled = _find(history, known, option)
    if spelled is None and dot and (outer := _find(history, known, head)) and outer.flag.kind.startswith("json"):
        return _untyped(outer.name, inner.split("."), joined if equals else None, line, at)
    if spelled is None and (short := _SHORT.match(line[at])) and (brief := known.get(short[1])):
        return ReadArgument(brief.name, _value(brief.flag, short[2]), at, at)
    if spelled is None:
        return _untyped(option.lstrip("-").replace("-", "_"), [], joined if equals else None, line, at)
    flag, name = spelled.flag, spelled.name
    if flag.kind == "switch":
        value = joined.lower() not in FALSE_TEXTS if equals else True
        return ReadArgument(name, value != spelled.negative, at, at)
    if equals:
        several = flag.many in ("+", "*", "repeat") or flag.many.isdigit()
        values = [_value(flag, joined)]
        return ReadArgument(name, values if several else values[0], at, at)
    return _with_values(flag, name, line, at)


def _find(history: History | None, known: Mapping[str, _Spelled], option: str) -> _Spelled | None:
    if option in known or history is None:
        return known.get(option)
    if option.startswith("--"):
        bare = option[2:]
        for other in (f"--{bare.replace('_', '-')}", f"--{bare.replace('-', '_')}"):
            if other in known:
                return known[other]
        if history.abbreviates and len(bare) > 2:
            meant = {other.flag.name: other for name, other in known.items() if name.startswith(option)}
            if len(meant) == 1:
                return next(iter(meant.values()))
    return None


def _with_values(flag: Flag, name: str, line: Sequence[str], at: int) -> ReadArgument:
    most = {"+": len(line), "*": len(line)}.get(flag.many, int(flag.many) if flag.many.isdigit() else 1)
    values = [_value(flag, text) for text in _following(line, at, most)]
    end = at + len(values)
    if flag.many in ("+", "*") or flag.many.isdigit():
        return ReadArgument(name, values, at, end, not values and flag.many != "*")
    if not values:
        # A switch of an older release may take `on` now.
        alone = flag.many == "?" or any(choice.lower() in TRUE_TEXTS for choice in flag.choices)
        return ReadArgument(name, True if alone else None, at, at, not alone)
    return ReadArgument(name, values if flag.many == "repeat" else values[0], at, end)


def _untyped(name: str, keys: list[str], joined: str | None, line: Sequence[str], at: int) -> ReadArgument:
    """An option of which nothing is known; or `--config.key value`, which vLLM reads as a key of the flag's JSON."""
    texts = _following(line, at, 1 if keys else len(line)) if joined is None else [joined]
    values = [_loose(text) for text in texts]
    value = values[0] if len(values) == 1 else values or True
    for key in reversed(keys):
        value = {key.replace("-", "_"): value}
    return ReadArgument(name, value, at, at + len(texts) if joined is None else at)


def _following(line: Sequence[str], at: int, most: int) -> list[str]:
    """The texts behind an option, up to the next option."""
    return list(takewhile(lambda text: not _is_option(text), line[at + 1 : at + 1 + most]))


def _is_option(text: str) -> bool:
    return _OPTION.match(text) is not None and not _NUMBER.match(text)


def _joined(arguments: list[ReadArgument]) -> list[ReadArgument]:
    """Options that stand several times: lists and mappings grow, else the last one counts."""
    found: dict[str, ReadArgument] = {}
    for one in arguments:
        before = found.get(one.name)
        value = one.value
        if before is not None and isinstance(before.value, list) and isinstance(value, list):
            value = [*before.value, *value]
        elif before is not None and isinstance(before.value, dict) and isinstance(value, dict):
            value = _merged(before.value, value)
        found[one.name] = one._replace(value=value)
    return list(found.values())


def _merged(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    found = dict(one)
    for key, value in other.items():
        inner = found.get(key)
        found[key] = _merged(inner, value) if isinstance(inner, dict) and isinstance(value, dict) else value
    return found


def _value(flag: Flag, text: str) -> Any:
    """A value in the type of its flag; as text where it has another form."""
    if flag.kind in ("int", "float") and _NUMBER.match(text):
        return _number(text)
    if flag.kind == "truth" and text.lower() in ("true", "false"):
        return text.lower() == "true"
    if flag.kind in ("json", "json-or-str"):
        return _loose(text)
    if flag.kind == "pairs" and text and all("=" in part for part in text.split(",")):
        pairs = (part.partition("=") for part in text.split(","))
        return {key.strip(): _loose(item.strip()) for key, _, item in pairs}
    return text


def _number(text: str) -> int | float:
    return int(text) if re.fullmatch(r"-?[0-9]{1,300}", text) else float(text)


def _loose(text: str) -> Any:
    """A value of which nothing is known: true or false, a number, JSON, or text."""
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    if _NUMBER.match(text):
        return _number(text)
    if text.lstrip()[:1] in ("{", "["):
        with suppress(ValueError, RecursionError):
            return json.loads(text)
    return text
