"""Fills in `${VAR:-default}` as Compose does, from the defaults alone; nothing is read from the environment."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from mmcompose.core.imports.sources.found import HUB_TOKENS
from mmcompose.core.imports.sources.remarks import Remarks
from mmcompose.model import Setting

_VARIABLE = re.compile(r"\$(?:\$|\{|[A-Za-z_][A-Za-z0-9_]*)")
_INSIDE = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(:?[-?+])?")
_DEEPEST = 8


class Filled(NamedTuple):
    """A text with its variables filled in. `bare`: the names of those that have no value."""

    text: str
    used: dict[str, str]
    bare: list[str]


def filled(text: str, known: Mapping[str, str], depth: int = 0) -> Filled:
    """`$$` becomes `$`, as in Compose. A variable without value or default becomes empty."""
    out, used, bare, at = list[str](), dict[str, str](), list[str](), 0
    while found := _VARIABLE.search(text, at):
        braced = found[0] == "${"
        end = _closing(text, found.end()) if braced else found.end()
        if braced and (end < 0 or depth > _DEEPEST):
            break
        out.append(text[at : found.start()])
        if found[0] == "$$":
            out.append("$")
        else:
            one = _value(text[found.end() : end] if braced else found[0][1:], known, depth)
            out.append(one.text)
            used |= one.used
            bare += one.bare
        at = end + 1 if braced else end
    return Filled("".join([*out, text[at:]]), used, bare)


def _value(inside: str, known: Mapping[str, str], depth: int) -> Filled:
    """The value of what stands between braces: a name, and perhaps an operator with a text."""
    parts = _INSIDE.match(inside)
    if parts is None:
        return Filled("${" + inside + "}", {}, [])
    name, operator, text = parts[1], parts[2] or "", inside[parts.end() :]
    if operator.endswith("+"):
        return Filled("", {}, [])
    if name in known:
        return Filled(known[name], {name: known[name]}, [])
    if operator.endswith("-"):
        default = filled(text, known, depth + 1)
        return default._replace(used={name: default.text})
    return Filled("", {}, [name])


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
