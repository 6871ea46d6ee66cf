"""Checks the typed settings of a graph for one release, and completes them for the template of graph.pbtxt."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from mmcompose.engines.flags.nearest import did_you_mean
from mmcompose.engines.ovms.catalogue import (
    Catalogue,
    Field,
    Message,
    catalogue,
    find_release,
    table,
    value_since,
    without_field,
)
from mmcompose.engines.ovms.graph.option_rules import option_faults
from mmcompose.engines.ovms.graph.text import Enum
from mmcompose.engines.ovms.graph.values import RANGES
from mmcompose.engines.ovms.reading import shown
from mmcompose.engines.ovms.releases import Release
from mmcompose.engines.place import ANYWHERE, Place
from mmcompose.model import Fault, Severity

TASKS = ("text_generation", "embeddings", "rerank", "image_generation", "speech_to_text", "text_to_speech")


def check_settings(task: str, settings: Mapping[str, object], release: str, place: Place = ANYWHERE) -> list[Fault]:
    """Every fault of a profile's `graph:` settings; the keys are the options' own field names."""
    settled = find_release(release)
    if isinstance(settled, str):
        return [Fault.of("", settled, "name it as 2025.4.1", "ovms-release")]
    if task not in TASKS:
        return [Fault.of("task", f"{task!r} is not one of {', '.join(TASKS)}", did_you_mean(task, TASKS), "ovms-task")]
    facts = table("tasks")["tasks"][task]
    if not settled.between(facts["since"], None):
        what = f"graphs for {task} come with {facts['since']}, not yet in {settled.known}"
        return [Fault.of("task", what, "", "ovms-task")]
    known = catalogue(settled)
    message = known.messages[facts["options"]]
    faults = list(_message_faults(settings, message, known, "", facts["device"]))
    path = settings.get("models_path")
    if "models_path" not in settings and message.fields["models_path"].label != "required":
        faults.append(Fault.of("models_path", "is required", "", "ovms-missing"))
    if isinstance(path, str) and not path.startswith("/"):
        hint = "the graph is mounted apart from the model, so a relative path leads elsewhere"
        faults.append(Fault.of("models_path", f"{path!r} must be an absolute path", hint, "ovms-models-path"))
    wrong = {fault.path for fault in faults}
    sound = {name: _plain(name, value) for name, value in settings.items() if (name,) not in wrong}
    return [*faults, *option_faults(message.name, sound, settled, place)]


def complete(task: str, settings: Mapping[str, object], release: str) -> dict[str, Any]:
    """The context of the template of graph.pbtxt, for settings without faults."""
    settled = find_release(release)
    if not isinstance(settled, Release):
        raise ValueError(settled)  # noqa: TRY004
    facts = table("tasks")["tasks"][task]
    known = catalogue(settled)
    loopback = facts.get("loopback")
    back = [f"{loopback}:loopback"] if loopback else []
    return {
        "input_stream": f"{facts['request']}:input",
        "output_stream": f"{facts['response']}:output",
        "name": facts["node"],
        "calculator": facts["calculator"],
        "input_side_packet": facts["side_packet"],
        "node_inputs": [*back, f"{facts['request']}:input"],
        "node_outputs": [*back, f"{facts['response']}:output"],
        "message": Enum(facts["options"]),
        "lines": list(_lines(settings, known.messages[facts["options"]], known, 0)),
        "back_edges": [f"{loopback}:0"] if loopback else [],
    }


def _lines(settings: Mapping[str, Any], message: Message, known: Catalogue, depth: int) -> Iterator[dict[str, Any]]:
    """The options in the order of the server's own message, nested messages opened and closed in place."""
    for name, field in message.fields.items():
        if name not in settings:
            continue
        value = settings[name]
        for each in value if field.label == "repeated" else [value]:
            if field.type in known.messages:
                yield {"kind": "open", "depth": depth, "name": Enum(name)}
                yield from _lines(each, known.messages[field.type], known, depth + 1)
                yield {"kind": "close", "depth": depth}
            else:
                written = Enum(each) if field.type in known.enums else _plain(name, each)
                yield {"kind": "field", "depth": depth, "name": Enum(name), "value": written}


def _plain(name: str, value: Any) -> Any:
    """Writes plugin_config, a mapping in the profile, as the JSON string that the server reads."""
    if name == "plugin_config" and isinstance(value, Mapping):
        return json.dumps(value, ensure_ascii=False)
    return value


def _message_faults(
    settings: Mapping[str, Any], message: Message, known: Catalogue, within: str, device: str = ""
) -> Iterator[Fault]:
    for name, value in settings.items():
        path = f"{within}{name}"
        field = message.fields.get(name)
        if field is None:
            yield _unknown(str(name), path, message, known.release, device)
        elif field.label != "repeated":
            yield from _value_faults(value, field, known, path)
        elif not isinstance(value, list):
            yield Fault.of(path, "must be a list", "", "ovms-type")
        else:
            for index, each in enumerate(value):
                yield from _value_faults(each, field, known, f"{path}[{index}]")
    for field in message.fields.values():
        if field.label == "required" and field.name not in settings:
            yield Fault.of(f"{within}{field.name}", "is required", "", "ovms-missing")


def _value_faults(value: Any, field: Field, known: Catalogue, path: str) -> Iterator[Fault]:
    if field.type in known.enums:
        yield from _enum_faults(value, field, known, path)
        return
    wanted, types = _WRITTEN_AS.get("message" if field.type in known.messages else field.type, ("a whole number", int))
    if field.name == "plugin_config":
        wanted, types = "a mapping", str | Mapping
    low, high = RANGES.get(field.type, (0, 0))
    if not isinstance(value, types) or isinstance(value, bool) != (field.type == "bool"):
        yield Fault.of(path, f"must be {wanted}, not {shown(value)}", "", "ovms-type")
    elif field.type in known.messages:
        yield from _message_faults(value, known.messages[field.type], known, f"{path}.")
    elif isinstance(value, Mapping):
        yield from _json_faults(value, path)
    elif isinstance(value, str) and any("\ud800" <= char <= "\udfff" for char in value):
        yield Fault.of(path, "holds half of a surrogate pair, which is no text", "", "ovms-type")
    elif field.type in RANGES and not low <= value <= high:
        yield Fault.of(path, f"must lie between {low} and {high}, not {value}", "", "ovms-type")


_WRITTEN_AS: Mapping[str, tuple[str, Any]] = {
    "string": ("a string", str),
    "bool": ("true or false", bool),
    "float": ("a number", int | float),
    "message": ("a mapping", Mapping),
}
"""What a profile writes for a field of each type; for all others a whole number."""


def _json_faults(value: Mapping[str, Any], path: str) -> Iterator[Fault]:
    """Finds values that JSON cannot hold; `option_faults` judges their meaning."""
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        yield Fault.of(path, f"cannot be written as JSON: {error}", "", "ovms-plugin-config")


def _enum_faults(value: Any, field: Field, known: Catalogue, path: str) -> Iterator[Fault]:
    choices = known.enums[field.type]
    if not isinstance(value, str) or value not in choices:
        since = value_since(field.type, value) if isinstance(value, str) else None
        hint = f"{value} comes with {since}" if since else did_you_mean(str(value), choices)
        severity: Severity = "warning" if known.release.newer else "error"
        yield Fault.of(path, f"{shown(value)} is not one of {', '.join(choices)}", hint, "ovms-enum", severity)


def _unknown(name: str, path: str, message: Message, release: Release, device: str) -> Fault:
    what, hint = without_field(message, name, release)
    severity: Severity = "error"
    if what.startswith("no such field"):
        severity = "warning" if release.newer else "error"
        hint = f"for this task it is called {device}" if device and name in {"device", "target_device"} else hint
    return Fault.of(path, what, hint, "ovms-unknown-field", severity)
