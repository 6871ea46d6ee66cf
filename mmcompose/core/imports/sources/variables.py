"""Fills in `${VAR:-default}` as Compose does, from the defaults alone; nothing is read from the environment."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from mmcompose.core.imports.sources.found import HUB_TOKENS
from mmcompose.core.imports.sources.remarks import Remarks
from mmcompose.model import Setting

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_DEEPEST = 8


class Filled(NamedTuple):
    """A text with its variables filled in. `bare`: the names of those that have no value."""

    text: str
    used: dict[str, str]
    bare: list[str]


def filled(text: str, known: Mapping[str, str], depth: int = 0) -> Filled:
    """`$$` becomes `$`, as in Compose. A variable without value or default becomes empty."""
    out, used, bare, at = list[str](), dict[str, str](), list[str](), 0
    while at < len(text):
        sign, following = text[at], text[at + 1 : at + 2]
        if sign != "$" or not following:
            out.append(sign)
            at += 1
        elif following == "$":
            out.append("$")
            at += 2
        elif following == "{":
            end = _closing(text, at + 2)
            if end < 0 or depth > _DEEPEST:
                out.append(text[at:])
                break
            _one(text[at + 2 : end], known, depth, out, used, bare)
            at = end + 1
        elif found := _NAME.match(text, at + 1):
            _one(found[0], known, depth, out, used, bare)
            at = found.end()
        else:
            out.append(sign)
            at += 1
    return Filled("".join(out), used, bare)


def _one(
    inside: str, known: Mapping[str, str], depth: int, out: list[str], used: dict[str, str], bare: list[str]
) -> None:
    """Fills in one pair of braces: a name, and perhaps an operator with a text."""
    name = _NAME.match(inside)
    if name is None:
        out.append("${" + inside + "}")
        return
    operator = re.match(r":?[-?+]", inside[name.end() :])
    text = inside[name.end() + operator.end() :] if operator else ""
    value = known.get(name[0])
    if value is not None and not (operator and operator[0] in ("+", ":+")):
        used[name[0]] = value
        out.append(value)
    elif operator and operator[0] in ("-", ":-"):
        inner = filled(text, known, depth + 1)
        used[name[0]] = inner.text
        out.append(inner.text)
        bare.extend(inner.bare)
    elif not (operator and operator[0] in ("+", ":+")):
        bare.append(name[0])


def _closing(text: str, at: int) -> int:
    depth = 1
    while at < len(text):
        if text.startswith("${", at):
            depth += 1
            at += 1
        elif text[at] == "}":
            depth -= 1
            if depth == 0:
                return at
        at += 1
    return -1


def interpolated(tree: Setting, known: Mapping[str, str], remarks: Remarks) -> Setting:
    """The tree with every variable filled in; each default that was taken is reported once."""
    seen: set[str] = set()

    def one(setting: Setting) -> Setting:
        value = setting.value
        if isinstance(value, dict):
            return setting._replace(value={name: one(child) for name, child in value.items()})
        if isinstance(value, tuple):
            return setting._replace(value=tuple(map(one, value)))
        if not isinstance(value, str) or "$" not in value:
            return setting
        made = filled(value, known)
        for name, default in made.used.items():
            if name not in seen:
                seen.add(name)
                remarks.changed(setting.origin, name, f"the variable is not read; its default is written: {default!r}")
        for name in made.bare:
            if name not in seen and name not in HUB_TOKENS:
                seen.add(name)
                hint = "write its value into the profile"
                remarks.left_out(setting.origin, name, "the variable has no default, so it counts as empty", hint)
        return setting._replace(value=made.text)

    return one(tree)
