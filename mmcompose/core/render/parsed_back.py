"""Reads back the output of a template: values cannot break the escaper, but a template can write invalid YAML."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

import yaml

from mmcompose.model import Origin, Problem

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_OTHER_FORM = re.compile(r"---|[*&\r\x85\u2028\u2029]")
"""Several documents, aliases, anchors, and line breaks that only some readers know."""


def parsed_back(path: str, text: str, key: str = "", names: Collection[str] = ()) -> list[Problem]:
    """Reports a text that is no YAML, or lacks one of these names below a key at its top."""
    if _is_whole(text, key, names):
        return []
    try:
        node = yaml.compose(text, Loader=_Loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = Origin("artifact", path, mark.line + 1, mark.column + 1) if mark else None
        line = text.splitlines()[mark.line].strip() if mark and mark.line < text.count("\n") else ""
        hint = f"a template wrote: {line}"
        return [Problem(where, "", f"not YAML: {getattr(error, 'problem', error)}", hint, "render")]
    there = _below(_below(node).get(key))
    where, hint = Origin("artifact", path, 1, 1), "its template wrote none"
    return [
        Problem(where, key, f"no {key.removesuffix('s')} {name!r}", hint, "render")
        for name in names
        if name not in there
    ]


def _is_whole(text: str, key: str, names: Collection[str]) -> bool:
    """Whether libyaml reads a text without fault and each name has its line, as our own templates write it.

    It builds nothing, and takes a sixth of the time of composing. A text of another form is composed. A line inside a
    long quoted text may still look like a name; the output of a project's own templates is judged whole beside this.
    """
    if _OTHER_FORM.search(text) or not hasattr(_Loader, "raw_parse"):
        return False
    blocks = re.findall(rf"^{key}:\n((?:(?: .*)?\n)*)", text, re.MULTILINE)
    if names and not (len(blocks) == 1 and all(f'\n  "{name}":\n' in f"\n{blocks[0]}" for name in names)):
        return False
    try:
        _Loader(text).raw_parse()
    except yaml.YAMLError:
        return False
    return True


def _below(node: Any) -> dict[str, Any]:
    """The values below a node, by their keys."""
    return {key.value: value for key, value in node.value} if isinstance(node, yaml.MappingNode) else {}
