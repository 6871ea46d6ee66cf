"""Reads the messages and fields of each release of the server from this package's data."""

from __future__ import annotations

import json
import pkgutil
from functools import cache
from typing import Any, NamedTuple

from mmcompose.engines.flags.nearest import did_you_mean
from mmcompose.engines.ovms.releases import FORM, Release, key

SCALARS = frozenset({"string", "bool", "float", "uint64", "uint32", "int64", "int32"})


class Field(NamedTuple):
    """One field of a message as one release has it. A `oneof` names the group of which only one may be given."""

    name: str
    number: int
    label: str
    type: str
    default: object = None
    oneof: str = ""


class Message(NamedTuple):
    """One message as one release has it; `extension` is its number among its base's extensions, 0 for none."""

    name: str
    fields: dict[str, Field]
    extension: int = 0
    extends: str = ""
    extendable: bool = False


class Catalogue(NamedTuple):
    """The messages and enums of one release. Message names are without the package `mediapipe.`."""

    release: Release
    messages: dict[str, Message]
    enums: dict[str, dict[str, int]]


@cache
def table(name: str) -> Any:
    """One of this package's own data files."""
    return json.loads(pkgutil.get_data("mmcompose.engines.ovms", f"data/{name}.json") or "")


def releases() -> list[str]:
    """Every release known, oldest first."""
    return list(table("options")["releases"])


def find_release(requested: str) -> Release | str:
    """The release whose rules apply, the nearest known one below it, or the reason why there is none."""
    if FORM.fullmatch(requested) is None:
        return f"{requested!r} is no release of the model server"
    known, here = releases(), key(requested)
    if here < key(known[0]):
        return f"release {requested} is older than {known[0]}, the first that serves generative models"
    nearest = [release for release in known if key(release) <= here][-1]
    return Release(nearest, newer=here > key(known[-1]))


@cache
def catalogue(release: Release) -> Catalogue:
    """The catalogue of a release."""
    options, graph = table("options"), table("graph")
    messages = {name: _graph_message(name, graph) for name in graph["messages"]}
    for name, entry in options["messages"].items():
        if release.between(entry["since"], entry["until"]):
            fields = {field: row for field, rows in entry["fields"].items() if (row := _row(field, rows, release))}
            base = "CalculatorOptions" if "extension" in entry else ""
            messages[name] = Message(name, fields, entry.get("extension", 0), base)
    enums = {
        name: values
        for name, rows in options["enums"].items()
        for since, until, values in rows
        if release.between(since, until)
    }
    return Catalogue(release, messages, enums)


def without_field(message: Message, field: str, release: Release) -> tuple[str, str]:
    """Why a message of this release does not have a field, and what to write instead."""
    rows = table("options")["messages"].get(message.name, {}).get("fields", {}).get(field)
    if not rows:
        return f"no such field in {message.name}", did_you_mean(field, message.fields)
    return release.lacks(rows[0][0], rows[-1][1]), table("tasks")["instead"].get(f"{message.name}.{field}", "")


def value_since(enum: str, value: str) -> str | None:
    """The first release whose enum has a value."""
    rows = table("options")["enums"].get(enum, [])
    return next((since for since, _, values in rows if value in values), None)


def _graph_message(name: str, graph: Any) -> Message:
    fields = {
        field: Field(field, number, label, kind) for field, (number, label, kind) in graph["messages"][name].items()
    }
    number = graph["handler_extensions"].get(name, 0)
    return Message(name, fields, number, "MediaPipeOptions" if number else "", name in graph["extendable"])


def _row(name: str, rows: list[list[Any]], release: Release) -> Field | None:
    for since, until, number, label, kind, *default in rows:
        if release.between(since, until):
            plain, _, oneof = label.partition(" ")
            return Field(name, number, "optional" if oneof else plain, kind, default[0] if default else None, oneof)
    return None
