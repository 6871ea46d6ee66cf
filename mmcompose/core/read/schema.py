"""Checks the form of each file: JSON Schema finds the faults, and this file gives them a place and a plain message.

The schemas are small pieces that refer to one another. `bundle` makes one self-contained schema of a kind; editors get
it, and files are checked against it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from mmcompose.core.hints import listing, nearest
from mmcompose.core.read.load import MERGE, UNUSABLE
from mmcompose.core.read.shape import fits
from mmcompose.core.read.ways_out import alike, for_key, for_value
from mmcompose.engines.flags.nearest import HELPED, closest, did_you_mean
from mmcompose.model import Path, Problem, Setting, dotted

if TYPE_CHECKING:
    from jsonschema import ValidationError

KINDS = ("project", "profile", "backend", "runtime", "model", "host", "service")
_TYPES = {
    "object": "a mapping",
    "array": "a list",
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
}


def bundle(kind: str, texts: Mapping[str, str]) -> dict[str, Any]:
    """One self-contained schema of `kind`; `texts` are the pieces by kind."""
    return _Bundler({name: json.loads(text) for name, text in texts.items()}).bundle(kind)


def bundles(texts: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    r"""The schemas of files, by kind. Python's `$` also matches before a last line break, so it becomes `\Z`."""
    bundler = _Bundler({name: json.loads(text, object_hook=_to_the_end) for name, text in texts.items()})
    return {kind: bundler.bundle(kind) for kind in KINDS if kind in texts}


def _to_the_end(node: dict[str, Any]) -> dict[str, Any]:
    pattern = node.get("pattern")
    if isinstance(pattern, str) and pattern.endswith("$"):
        node["pattern"] = pattern[:-1] + r"\Z"
    return node


class SchemaFault(NamedTuple):
    """One Problem, and the path of the value that is faulty. `meant`: what was probably meant."""

    problem: Problem
    path: Path
    meant: Path | None = None


def faults(wanted: Mapping[str, Any], tree: Setting, text: str) -> list[SchemaFault]:
    """All faults of one file, each at its line."""
    if fits(tree, wanted):
        return []
    errors = [e for e in validator()(wanted).iter_errors(tree.written()) if e.instance is not UNUSABLE]
    of_wrong_type = {tuple(error.absolute_path) for error in errors if error.validator == "type"}
    worded: dict[SchemaFault, None] = {}
    # Missing keys come last, so that a mistyped key is not reported a second time as missing.
    for error in sorted(errors, key=lambda error: error.validator == "required"):
        if error.validator == "type" or tuple(error.absolute_path) not in of_wrong_type:
            meant = {fault.meant for fault in worded if fault.meant}
            worded.update(dict.fromkeys(_worded(error, tree, text, meant)))
    return list(worded)


@cache
def validator() -> Any:
    """A validator that refuses `8000.0` as an integer, as Compose does."""
    from jsonschema import Draft7Validator, TypeChecker
    from jsonschema.validators import extend

    def whole(_: TypeChecker, value: object) -> bool:
        return isinstance(value, int) and not isinstance(value, bool)

    return extend(  # type: ignore[no-untyped-call]
        Draft7Validator, type_checker=Draft7Validator.TYPE_CHECKER.redefine("integer", whole)
    )


class _Bundler:
    """Puts the target of a `$ref` in its place. Each target is made once and shared; no code may change a schema."""

    def __init__(self, pieces: Mapping[str, Any]) -> None:
        self._pieces = pieces
        self._made: dict[tuple[str, str], Any] = {}

    def bundle(self, kind: str) -> dict[str, Any]:
        whole = self._inline(self._pieces[kind], kind)
        return {key: value for key, value in whole.items() if key != "definitions"}

    def _inline(self, node: Any, home: str) -> Any:
        if isinstance(node, list):
            return [self._inline(item, home) for item in node]
        if not isinstance(node, dict):
            return node
        if "$ref" in node:
            return self._target(node["$ref"], home)
        made = {key: self._inline(value, home) for key, value in node.items()}
        if "allOf" in made and len(made["allOf"]) == 1:
            inner = {key: value for key, value in made.pop("allOf")[0].items() if not key.startswith("$")}
            inner.pop("definitions", None)
            made = {**inner, **made}
        return made

    def _target(self, reference: str, home: str) -> Any:
        file, _, pointer = reference.partition("#")
        there = file.removesuffix(".schema.json") or home
        if (there, pointer) not in self._made:
            target = self._pieces[there]
            for part in filter(None, pointer.split("/")):
                target = target[part]
            self._made[there, pointer] = self._inline(target, there)
        return self._made[there, pointer]


def _worded(error: ValidationError, tree: Setting, text: str, meant: Collection[Path]) -> Iterator[SchemaFault]:
    path: Path = tuple(error.absolute_path)
    instance: Any = error.instance
    here = tree.nearest(path)
    rule = f"schema.{error.validator}"
    schema = error.schema if isinstance(error.schema, dict) else {}
    if "propertyNames" in error.relative_schema_path:
        key = here.value.get(instance, here) if isinstance(here.value, dict) else here
        where = dotted((*path, instance))
        if instance == MERGE and key.value is UNUSABLE:
            return
        reserved = "Compose takes names that begin with x- for extensions" if instance.startswith("x-") else ""
        hint = alike(instance) or reserved or schema.get("description", "").rstrip(".")
        problem = Problem(key.place, where, "is not a valid name", hint, rule)
        yield SchemaFault(problem, (*path, instance))
    elif error.validator == "additionalProperties":
        known = schema.get("properties", {})
        for place, name in enumerate(sorted(set(instance) - set(known))):
            child = here.value[name]
            if child.value is UNUSABLE and name == MERGE:
                continue
            if place >= HELPED:
                yield SchemaFault(
                    Problem(child.place, dotted((*path, name)), "is not a known key", "", rule), (*path, name)
                )
                continue
            near = closest(name, known)
            of_compose = "args" in known or path[:1] not in ((), ("services",), ("backends",))
            hint = for_key((*path, name)) if of_compose else alike(name)
            hint = hint or _not_indented(name, here, known) or nearest(name, known, as_given=True)
            problem = Problem(child.place, dotted((*path, name)), "is not a known key", hint, rule)
            yield SchemaFault(problem, (*path, name), (*path, near[0]) if near else None)
    elif error.validator == "required":
        missing = [name for name in schema["required"] if name not in instance and (*path, name) not in meant]
        if missing:
            message = f"{listing(missing)} {'is' if len(missing) == 1 else 'are'} missing"
            hint = schema["properties"][missing[0]].get("description", "").rstrip(".")
            problem = Problem(here.origin, dotted(path), message, hint, rule)
            # A file is judged on without a missing key; a mapping inside it is dropped.
            yield from [SchemaFault(problem, (name,)) for name in missing] if not path else [SchemaFault(problem, path)]
    else:
        message, hint = _message_and_hint(error, schema, here, text)
        yield SchemaFault(Problem(here.origin, dotted(path), message, hint, rule), path)


def _message_and_hint(error: ValidationError, schema: Mapping[str, Any], here: Setting, text: str) -> tuple[str, str]:
    """The fault of one value, and what to write instead."""
    value: Any = error.instance
    wanted: Any = error.validator_value
    path: Path = tuple(error.absolute_path)
    due = wanted if error.validator == "type" else schema.get("type", "")
    hint = for_value(path, value, due)
    about = schema.get("description", "").rstrip(".")
    match error.validator:
        case "type":
            quoted = "" if hint.startswith("it holds") else _quote(value, wanted, here, text, schema)
            return f"must be {_types(wanted)}, not {_shown(value)}", quoted or hint or about
        case "enum":
            known = [str(item) for item in wanted if item is not None]
            return f"{_shown(value)} is not one of {listing(known)}", did_you_mean(str(value), known) or hint
        case "minimum":
            return f"{_shown(value)} is too small: it must be at least {wanted}", about
        case "exclusiveMinimum":
            return f"{_shown(value)} is too small: it must be more than {wanted}", about
        case "maximum":
            return f"{_shown(value)} is too large: it must be at most {wanted}", about
        case _:
            return f"{_shown(value)} is not valid here", hint or about


def _not_indented(name: str, here: Setting, known: Mapping[str, Any]) -> str:
    """Recognises an unknown key behind an empty `args:`, below which it was probably meant to be indented."""
    names = list(here.value)
    for other in reversed(names[: names.index(name)]):
        if other in known:
            inside = here.value[other].value is None and "object" in known[other].get("type", ())
            return f"indent it by two blanks, so that it stands inside {other}:" if inside else ""
    return ""


def _types(wanted: str | list[str]) -> str:
    names = [wanted] if isinstance(wanted, str) else wanted
    return " or ".join(_TYPES[name] for name in names if name != "null")


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return f"the number {value}"
    shown = value if len(value) <= 60 else value[:57] + "…"
    return repr(shown)


_PLAIN_SCALAR = re.compile(r"[^\s,\]}#]+")


def _quote(value: Any, wanted: str | list[str], here: Setting, text: str, schema: Mapping[str, Any]) -> str:
    """Offers quotes for a number such as `1.10` where text is required, if the quoted text would be valid."""
    if not isinstance(value, (int, float, bool)) or "string" not in ([wanted] if isinstance(wanted, str) else wanted):
        return ""
    lines = text.splitlines()
    line = lines[here.origin.line - 1] if 0 < here.origin.line <= len(lines) else ""
    found = _PLAIN_SCALAR.match(line, here.origin.column - 1)
    written = found.group() if found else str(value)
    return f'quote it: "{written}"' if re.search(schema.get("pattern", ""), written) else ""
