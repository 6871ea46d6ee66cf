"""Compares a JSON value with the shapes of the server's config file, and reports every wrong key and type."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from mmcompose.engines.flags.nearest import did_you_mean
from mmcompose.engines.ovms.catalogue import table
from mmcompose.engines.ovms.config.json_tree import Json, Member, Members
from mmcompose.engines.ovms.reading import shown
from mmcompose.engines.ovms.releases import Release
from mmcompose.model import Fault, Severity

_PLAIN: dict[str, tuple[str, Callable[[object], bool]]] = {
    "string": ("a string", lambda v: isinstance(v, str)),
    "boolean": ("true or false", lambda v: isinstance(v, bool)),
    "number": ("a number", lambda v: isinstance(v, int | float) and not isinstance(v, bool)),
    "count": ("a whole number from 0 on", lambda v: _whole(v, 0)),
    "positive": ("a whole number from 1 on", lambda v: _whole(v, 1)),
    "demultiply": ("a whole number from -1 to 10000", lambda v: _whole(v, -1, 10000)),
    "node_type": ('"DL model" or "custom"', lambda v: v in {"DL model", "custom"}),
    "any": ("anything", lambda _: True),
}


def _whole(value: object, lowest: int, highest: int = 2**63 - 1) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and lowest <= value <= highest


@dataclass
class Shapes:
    """Judges values for one release and collects the faults."""

    release: Release
    faults: list[Fault] = field(default_factory=list)

    def check(self, found: Json, shape: str, path: str) -> None:
        """Compares one value with a shape; `a|b` allows either."""
        kinds = [kind for kind in _kinds(shape) if _fits(found, kind)]
        if not kinds:
            wanted = " or ".join(_named(kind) for kind in _kinds(shape))
            what = "an object" if isinstance(found.value, Members) else shown(found.value)
            self.say(found, f"{path or 'the file'}: must be {wanted}, not {what}", "", "ovms-type")
            return
        kind = kinds[0]
        if kind in _PLAIN:
            return
        if isinstance(found.value, Members):
            if kind.startswith("{"):
                for member in found.value.entries:
                    self.check(member.value, kind[1:-1], f"{path}.{member.key}")
            else:
                self._object(found, found.value, kind, path)
        elif isinstance(found.value, list):
            for index, value in enumerate(found.value):
                self.check(value, kind[1:-1], f"{path}[{index}]")

    def say(self, at: Json | Member, message: str, hint: str, rule: str, *, aged: bool = False) -> None:
        """Adds a fault. `aged`: a newer release than the newest known may accept the value."""
        severity: Severity = "warning" if aged and self.release.newer else "error"
        self.faults.append(at.mark.fault(message, hint, rule, severity))

    def _object(self, found: Json, members: Members, shape: str, path: str) -> None:
        config = table("config")
        shaped: dict[str, str] = {key.rstrip("!"): kind for key, kind in config[shape].items()}
        for member in members.entries:
            at = f"{path}.{member.key}" if path else member.key
            if member.key not in shaped and "*" not in shaped:
                hint = did_you_mean(member.key, shaped)
                self.say(member, f"{at}: no such key", hint, "ovms-unknown-key", aged=True)
                continue
            since, until = config["life"].get(f"{shape}.{member.key}", (None, None))
            if lacking := self.release.lacks(since, until):
                self.say(member, f"{at}: {lacking}", "", "ovms-unknown-key")
            else:
                self.check(member.value, shaped.get(member.key, shaped.get("*", "any")), at)
        needed = [key[:-1] for key in config[shape] if key.endswith("!")]
        for place, until in config["required_until"].items():
            if place.startswith(f"{shape}.") and self.release.between(None, until):
                needed.append(place.partition(".")[2])
        for key in needed:
            if members.get(key) is None:
                self.say(found, f"{path or 'the file'}: {key} is required", "", "ovms-missing")
        if shape in config["exactly_one"] and len(members.entries) != 1:
            choices = " or ".join(key for key in shaped if key != "*") or "key"
            self.say(found, f"{path}: needs exactly one {choices}, has {len(members.entries)}", "", "ovms-type")


def _kinds(shape: str) -> list[str]:
    """The alternatives of a shape; a `|` inside braces separates none."""
    if shape.startswith("{") and shape.index("}") == len(shape) - 1:
        return [shape]
    parts, rest = [], shape
    while rest:
        bar = rest.find("|") if "|" in rest else len(rest)
        end = rest.index("}") + 1 if rest.startswith("{") else bar
        parts.append(rest[:end])
        rest = rest[end:].removeprefix("|")
    return parts


def _fits(found: Json, kind: str) -> bool:
    if kind in _PLAIN:
        return bool(_PLAIN[kind][1](found.value))
    if kind.startswith("["):
        return isinstance(found.value, list)
    return isinstance(found.value, Members)


def _named(kind: str) -> str:
    if kind in _PLAIN:
        return _PLAIN[kind][0]
    return "a list" if kind.startswith("[") else "an object"
