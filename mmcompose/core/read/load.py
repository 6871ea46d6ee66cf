"""Text in, a tree of Settings and a list of Problems out: strict YAML whose every value knows its line.

Only YAML 1.2 core scalars are read, and of those no octal or hexadecimal: `on`, `22:30`, `0o17`, `1_000` and dates stay
text. Tags, merge keys, duplicate keys and a second document are Problems, never surprises.
"""

from __future__ import annotations

import math
import re
from typing import Any, Final

import yaml

from mmcompose.core.read.nesting import too_deep
from mmcompose.core.read.ways_of_yaml import fault_of, template
from mmcompose.model import Origin, Problem, Scalar, Setting

MAX_BYTES = 1 << 20
MAX_NODES = 100_000
MAX_DEPTH = 64
UNUSABLE: Final = object()
"""The value of a Setting with a fault. Later stages leave it out."""

MERGE = "<<"
"""The merge key `<<`, whose keys are unknown."""

_INT = re.compile(r"[-+]?[0-9]{1,300}\Z")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
_UNWRITABLE = re.compile("[\\x00\\ud800-\\udfff]")
_CONSTANTS: dict[str, Scalar] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_STRING_TAG = "tag:yaml.org,2002:str"
_PLAIN_TAGS = ("", _STRING_TAG, "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq")
_BaseLoader: Any = getattr(yaml, "CLoader", yaml.Loader)


class _Loader(_BaseLoader):  # type: ignore[misc]  # the C loader when PyYAML has one, chosen at import
    """Composes nodes only; it gives them no tags, so that a tag on a node is one that somebody wrote."""

    def resolve(self, *_: object) -> str:
        return ""


def load(layer: str, file: str, data: bytes, *, foreign: bool = False) -> tuple[Setting | None, list[Problem]]:
    """Reads one file. The tree is None only where nothing of the file can be used.

    `foreign`: a file of another program, which may have merge keys.
    """
    if len(data) > MAX_BYTES:
        hint = "import it in parts" if foreign else "keep a profile to a page of text"
        return None, [_problem(layer, file, f"is larger than {MAX_BYTES >> 20} MiB", hint)]
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line, column = _line_of(data, error.start)
        return None, [_problem(layer, file, "is not UTF-8 text", "save the file as UTF-8", line, column)]
    return load_text(layer, file, text, foreign=foreign)


def load_text(layer: str, file: str, text: str, *, foreign: bool = False) -> tuple[Setting | None, list[Problem]]:
    deep = too_deep(text, _Loader, MAX_DEPTH)
    if deep:
        return None, [_problem(layer, file, f"is nested deeper than {MAX_DEPTH} levels", "", *deep)]
    try:
        node = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        line, column, message, hint = fault_of(text, error)
        return None, [_problem(layer, file, message, hint, line, column)]
    except yaml.reader.ReaderError as error:
        at = text.encode("utf-8", "replace")[: max(0, error.position)] if error.position else b""
        line, column = _line_of(at, len(at))
        shown = f"U+{error.character:04X}" if isinstance(error.character, int) else "a control character"
        return None, [_problem(layer, file, f"{shown} is not allowed in YAML", "remove it", line, column)]
    if node is None:
        return None, [_problem(layer, file, "the file is empty", "delete it, or write its keys")]
    walk = _Walk(layer, file, text, foreign=foreign)
    tree = walk.setting(node, None, 0)
    return (None if walk.absurd or tree.value is UNUSABLE else tree), walk.problems


def read_scalar(text: str) -> Scalar:
    """The value of a plain scalar: a number, a truth value, null, or its text."""
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if text[0] in "-+.0123456789":
        if _INT.match(text):
            return int(text)
        if _FLOAT.match(text):
            number = float(text)
            return text if math.isinf(number) else number
    return text


class _Walk:
    """One pass over the composed nodes of one file."""

    def __init__(self, layer: str, file: str, text: str, *, foreign: bool) -> None:
        self.layer, self.file, self.text, self.foreign = layer, file, text, foreign
        self.problems: list[Problem] = []
        self.count = 0
        self.too_deep = False
        self.open: set[int] = set()

    def setting(self, node: yaml.Node, key: Origin | None, depth: int) -> Setting:
        origin = self._origin(node)
        self.count += 1
        if self.count == MAX_NODES:
            hint = "write fewer aliases: each counts as all that it stands for"
            self._report(origin, f"holds more than {MAX_NODES} values", hint)
        if self.count >= MAX_NODES:
            return Setting(UNUSABLE, origin, key)
        if node.tag not in _PLAIN_TAGS:
            hint = "quote the value for text, else remove the tag"
            return self._refuse(origin, key, f"the tag {node.tag!r} has no meaning here", hint)
        if depth > MAX_DEPTH:
            if not self.too_deep:
                self._report(origin, f"is nested deeper than {MAX_DEPTH} levels")
            self.too_deep = True
            return Setting(UNUSABLE, origin, key)
        if isinstance(node, yaml.ScalarNode):
            if _UNWRITABLE.search(node.value):
                hint = "remove the escape of a null or a surrogate"
                return self._refuse(origin, key, "holds a character that no file can hold", hint)
            text = node.style or node.tag == _STRING_TAG
            return Setting(node.value if text else read_scalar(node.value), origin, key)
        if id(node) in self.open:
            return self._refuse(origin, key, "an alias that contains itself")
        self.open.add(id(node))
        if isinstance(node, yaml.MappingNode):
            value = self._mapping(node, depth)
        else:
            value = tuple(self.setting(item, None, depth + 1) for item in node.value)
        self.open.discard(id(node))
        return Setting(value, origin, key)

    @property
    def absurd(self) -> bool:
        """Whether the file is too large to be read."""
        return self.too_deep or self.count >= MAX_NODES

    def _mapping(self, node: yaml.MappingNode, depth: int) -> Any:
        found: dict[str, Setting] = {}
        merged: dict[str, Setting] = {}
        for key_node, value_node in node.value:
            at = self._origin(key_node)
            if not isinstance(key_node, yaml.ScalarNode):
                if self._not_a_key(at):
                    return UNUSABLE
                self.setting(value_node, at, depth + 1)
            elif key_node.value == MERGE and not key_node.style and self.foreign:
                merged = self._merged(self.setting(value_node, at, depth + 1))
            elif key_node.value == MERGE and not key_node.style:
                self._report(at, "merge keys are not part of YAML 1.2", "use `extends:`, or write the values out")
                found[MERGE] = Setting(UNUSABLE, at, at)
            elif key_node.value in found:
                first = found[key_node.value].place
                self._report(at, f"duplicate key {key_node.value!r}, first on line {first.line}", "keep one of them")
            else:
                found[key_node.value] = self.setting(value_node, at, depth + 1)
        return {**merged, **found}

    def _merged(self, value: Setting) -> dict[str, Setting]:
        """The keys that a merge key brings; of several mappings the first one wins."""
        sources = value.value if isinstance(value.value, tuple) else (value,)
        found: dict[str, Setting] = {}
        for source in sources:
            if isinstance(source.value, dict):
                found = {**source.value, **found}
            elif source.value is not UNUSABLE:
                self._report(
                    source.place, "a merge key takes mappings", "write <<: *name, name the anchor of a mapping"
                )
        return found

    def _not_a_key(self, at: Origin) -> bool:
        """Reports a key that is a list or a mapping; returns whether it is a template's `{{ x }}`."""
        lines = self.text.splitlines()
        line = lines[at.line - 1] if at.line <= len(lines) else ""
        filled_in = at.column > 1 and line[at.column - 2 : at.column] == "{{"
        if filled_in:
            self._report(at._replace(column=at.column - 1), *template(0, 0)[2:])
        else:
            self._report(at, "a key must be a word, not a list or a mapping", "write key: value, the key a word")
        return filled_in

    def _origin(self, node: yaml.Node) -> Origin:
        mark = node.start_mark
        return Origin(self.layer, self.file, mark.line + 1, mark.column + 1)

    def _refuse(self, origin: Origin, key: Origin | None, message: str, hint: str = "") -> Setting:
        self._report(origin, message, hint)
        return Setting(UNUSABLE, origin, key)

    def _report(self, origin: Origin, message: str, hint: str = "") -> None:
        self.problems.append(Problem(origin, "", message, hint, "yaml"))


def _problem(layer: str, file: str, message: str, hint: str = "", line: int = 1, column: int = 1) -> Problem:
    return Problem(Origin(layer, file, line, column), "", message, hint, "yaml")


def _line_of(data: bytes, position: int) -> tuple[int, int]:
    before = data[:position].decode("utf-8", "replace")
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
