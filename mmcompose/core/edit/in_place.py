"""Changes one value of a YAML file and nothing else: comments and layout stay.

The text is composed for its marks, one span is replaced or one line added, and the result is loaded again: an edit that
would change anything else is refused, so no automatic edit can damage a profile.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from mmcompose.core.read.load import load_text, read_scalar
from mmcompose.model import Path, Setting, dotted, meet
from mmcompose.model.failure import Failure


class CannotEdit(Failure):
    """Refuses an edit; the file stays as it is."""


def edit(text: str, path: Path, value: Any) -> str:
    """The text with `value` at `path`. Creates missing mappings on the way; raises CannotEdit where other values would
    change."""
    mark, body, before, root = _read(text)
    newline = "\r\n" if "\r\n" in body else "\n"
    if root is None:
        made = body + ("" if not body or body.endswith("\n") else newline) + _lines(path, value, 0, newline)
    else:
        made = _edited(body, root, path, value, newline)
    _only_this(before, _data(made), path, value)
    return mark + made


def remove(text: str, path: Path) -> str:
    """The text without the key at `path`, its value and the comment on its line; raises CannotEdit as `edit` does."""
    mark, body, before, parent = _read(text)
    for part in path[:-1]:
        parent = _child(parent, part) if parent is not None else None
    pair = _pair(parent, str(path[-1]))
    if before is None or pair is None or not isinstance(parent, yaml.MappingNode):
        raise CannotEdit(f"{dotted(path)} does not exist")
    made = _without(body, parent, pair)
    after = _data(made)
    gone = {place: value for place, value in _values(before).items() if place[: len(path)] != path}
    kept = {place: value for place, value in _values(after).items() if place != path[:-1]}
    if gone != kept:
        raise CannotEdit(f"{dotted(path)} cannot be removed here without changing something else")
    return mark + made


def _pair(node: yaml.Node | None, name: str) -> tuple[yaml.Node, yaml.Node] | None:
    if not isinstance(node, yaml.MappingNode):
        return None
    return next(((key, value) for key, value in node.value if key.value == name), None)


def _without(text: str, parent: yaml.MappingNode, pair: tuple[yaml.Node, yaml.Node]) -> str:
    start, end = pair[0].start_mark.index, _end(text, pair[1])
    if parent.flow_style:
        rest = text[end:]
        after = len(rest) - len(rest.lstrip(" \n\r\t"))
        if rest[after : after + 1] == ",":
            return text[:start] + rest[after + 1 :].lstrip(" ")
        return text[:start].rstrip(" \n\r\t").removesuffix(",") + rest
    first = text.rfind("\n", 0, start) + 1
    last = text.find("\n", end)
    cut = text[:first] + (text[last + 1 :] if last >= 0 else "")
    if len(parent.value) > 1:
        return cut
    # The mapping is empty now: say so on its own line, or its key would mean null.
    above = text[:first].rstrip()
    return above + " {}" + text[len(above) : first] + cut[first:] if above.endswith(":") else cut


def _edited(text: str, root: yaml.Node, path: Path, value: Any, newline: str) -> str:
    node = root
    for depth, part in enumerate(path):
        child = _child(node, part)
        if child is None:
            return _added(text, node, path[depth:], value, newline)
        node = child
    start, end = node.start_mark.index, _end(text, node)
    space = " " if start and text[start - 1] == ":" else ""
    return text[:start] + space + flow(value) + text[end:]


def _child(node: yaml.Node, part: str | int) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if key.value == str(part)), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        item: yaml.Node = node.value[part]
        return item
    return None


def _added(text: str, parent: yaml.Node, path: Path, value: Any, newline: str) -> str:
    if isinstance(parent, yaml.ScalarNode) and not parent.style and not parent.value:
        # `key:` with nothing behind it: the new mapping is its value.
        return text[: parent.start_mark.index] + " " + flow(_wrapped(path, value)) + text[parent.start_mark.index :]
    if isinstance(parent, yaml.MappingNode) and parent.flow_style:
        at = text.rindex("}", parent.start_mark.index, parent.end_mark.index)
        comma = ", " if parent.value else ""
        item = f"{key(path[0])}: {flow(_wrapped(path[1:], value))}"
        return text[:at].rstrip(" ") + comma + item + text[at:]
    if isinstance(parent, yaml.SequenceNode) and parent.flow_style and path == (len(parent.value),):
        at = text.rindex("]", parent.start_mark.index, parent.end_mark.index)
        return text[:at].rstrip(" ") + (", " if parent.value else "") + flow(value) + text[at:]
    if isinstance(parent, yaml.MappingNode):
        end = text.find("\n", _end(text, parent))
        head, tail = (text + newline, "") if end < 0 else (text[: end + 1], text[end + 1 :])
        return head + _lines(path, value, parent.start_mark.column, newline) + tail
    raise CannotEdit(f"{dotted(path)} cannot be added: its parent is not a mapping")


def _lines(path: Path, value: Any, indent: int, newline: str) -> str:
    """Block lines, one key below the other, with the value in flow style."""
    lines = [f"{' ' * (indent + 2 * depth)}{key(part)}:" for depth, part in enumerate(path)]
    return newline.join(lines) + f" {flow(value)}{newline}"


def _wrapped(path: Path, value: Any) -> Any:
    for part in reversed(path):
        value = {str(part): value}
    return value


def _end(text: str, node: yaml.Node) -> int:
    """The real end of a value: PyYAML's mark of a block runs on to the next token."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style:
        last = node.value[-1][1] if isinstance(node, yaml.MappingNode) else node.value[-1]
        return _end(text, last)
    end = int(node.end_mark.index)
    if isinstance(node, yaml.ScalarNode) and node.style in ("|", ">"):
        while end > node.start_mark.index and text[end - 1] in "\r\n \t":
            end -= 1
    return end


_UNREADABLE = re.compile("[\\x7f-\\x9f\\u2028\\u2029\\ufeff\\ufffe\\uffff]")
"""Characters that JSON leaves as they are and YAML does not allow."""
_PLAIN = re.compile(r"[A-Za-z0-9_./@+-][A-Za-z0-9_./@+:=-]*(?: [A-Za-z0-9_./@+=-]+)*\Z")


def flow(value: Any) -> str:
    """A value on one line, quoted only where YAML needs it."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key(name)}: {flow(item)}" for name, item in value.items()) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(map(flow, value)) + "]"
    if isinstance(value, str):
        plain = _PLAIN.match(value) and read_scalar(value) == value and value[0] not in "-@"
        if plain and ": " not in value and not value.endswith(":"):
            return value
        return _UNREADABLE.sub(lambda found: f"\\u{ord(found.group()):04x}", json.dumps(value, ensure_ascii=False))
    return json.dumps(value)


def key(name: str | int) -> str:
    return flow(str(name))


def _read(text: str) -> tuple[str, str, Setting | None, yaml.Node | None]:
    """A byte order mark, the text behind it, its data, and its nodes."""
    mark, body = ("\ufeff", text[1:]) if text.startswith("\ufeff") else ("", text)
    data = _data(body)
    return mark, body, data, yaml.compose(body, Loader=yaml.SafeLoader) if data is not None else None


def _values(tree: Setting | None) -> dict[Path, Any]:
    return {place: leaf.written() for place, leaf in tree.leaves()} if tree else {}


def _data(text: str) -> Setting | None:
    if not any(line.strip() and not line.lstrip().startswith("#") for line in text.splitlines()):
        return None
    tree, problems = load_text("", "", text)
    if tree is None or problems:
        raise CannotEdit(str(problems[0]) if problems else "nothing to edit")
    return tree


def _only_this(before: Setting | None, after: Setting | None, path: Path, value: Any) -> None:
    """Raises CannotEdit unless the requested value is there and nothing else has changed."""
    found = after.at(path) if after else None
    if found is None or found.written() != _plain(value):
        raise CannotEdit(f"{dotted(path)} cannot be written here without changing something else")
    old, new = _values(before), _values(after)
    changed = {place for place in {*old, *new} if old.get(place) != new.get(place)}
    if not all(meet(place, path) or place == path[: len(place) - 1] for place in changed):
        raise CannotEdit(f"{dotted(path)} cannot be written here without changing something else")


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(item) for item in value]
    return value
