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
    field_history,
    find_release,
    table,
    value_since,
)
from mmcompose.engines.ovms.graph.option_rules import option_faults
from mmcompose.engines.ovms.graph.text import Enum
from mmcompose.engines.ovms.graph.values import RANGES
from mmcompose.engines.ovms.releases import Release
from mmcompose.engines.place import ANYWHERE, Place
from mmcompose.model import Fault, Severity

TASKS = ("text_generation", "embeddings", "rerank", "image_generation", "speech_to_text", "text_to_speech")


def check_settings(
    task: str,
    settings: Mapping[str, object],
    release: str,
    place: Place = ANYWHERE,
) -> list[Fault]:
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
    faults = _message_faults(settings, message, known, "", facts["device"])
    path = settings.get("models_path")
    if "models_path" not in settings and message.fields["models_path"].label != "required":
        faults.append(Fault.of("models_path", "is required", "", "ovms-missing"))
    if isinstance(path, str) and not path.startswith("/"):
        hint = "the graph is mounted apart from the model, so a relative path leads elsewhere"
        faults.append(Fault.of("models_path", f"{path!r} must be an absolute path", hint, "ovms-models-path"))
    wrong = {fault.path for fault in faults}
    sound = {name: _plain(name, value) for name, value in settings.items() if (name,) not in wrong}
    return faults + option_faults(message.name, sound, settled, place)


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
) -> list[Fault]:
    faults: list[Fault] = []
    for name, value in settings.items():
        path = f"{within}{name}"
        field = message.fields.get(name)
        if field is None:
            faults.append(_unknown(str(name), path, message, known.release, device))
        elif field.label == "repeated" and not isinstance(value, list):
            faults.append(Fault.of(path, "must be a list", "", "ovms-type"))
        elif field.label == "repeated":
            for index, each in enumerate(value):
                faults += _value_faults(each, field, known, f"{path}[{index}]")
        else:
            faults += _value_faults(value, field, known, path)
    required = [field.name for field in message.fields.values() if field.label == "required"]
    faults += [
        Fault.of(f"{within}{name}", "is required", "", "ovms-missing") for name in required if name not in settings
    ]
    return faults


def _value_faults(value: Any, field: Field, known: Catalogue, path: str) -> list[Fault]:
    if field.type in known.messages:
        if not isinstance(value, Mapping):
            return [Fault.of(path, f"must be a mapping, not {_what(value)}", "", "ovms-type")]
        return _message_faults(value, known.messages[field.type], known, f"{path}.")
    if field.type in known.enums:
        return _enum_faults(value, field, known, path)
    if field.name == "plugin_config":
        if isinstance(value, str | Mapping):
            return _json_faults(value, path)
        return [Fault.of(path, f"must be a mapping, not {_what(value)}", "", "ovms-type")]
    wanted = {"string": "a string", "bool": "true or false", "float": "a number"}.get(field.type, "a whole number")
    if not _is(value, field.type):
        return [Fault.of(path, f"must be {wanted}, not {_what(value)}", "", "ovms-type")]
    if isinstance(value, str) and any("\ud800" <= char <= "\udfff" for char in value):
        return [Fault.of(path, "holds half of a surrogate pair, which is no text", "", "ovms-type")]
    if field.type in RANGES and not RANGES[field.type][0] <= value <= RANGES[field.type][1]:
        low, high = RANGES[field.type]
        return [Fault.of(path, f"must lie between {low} and {high}, not {value}", "", "ovms-type")]
    return []


def _is(value: object, kind: str) -> bool:
    if kind == "string":
        return isinstance(value, str)
    if kind == "bool":
        return isinstance(value, bool)
    if isinstance(value, bool):
        return False
    return isinstance(value, int | float if kind == "float" else int)


def _json_faults(value: str | Mapping[str, Any], path: str) -> list[Fault]:
    """Finds values that JSON cannot hold; `option_faults` judges their meaning."""
    if isinstance(value, str):
        return []
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        return [Fault.of(path, f"cannot be written as JSON: {error}", "", "ovms-plugin-config")]
    return []


def _enum_faults(value: Any, field: Field, known: Catalogue, path: str) -> list[Fault]:
    choices = known.enums[field.type]
    if isinstance(value, str) and value in choices:
        return []
    since = value_since(field.type, value) if isinstance(value, str) else None
    hint = f"{value} comes with {since}" if since else did_you_mean(str(value), choices)
    severity: Severity = "warning" if known.release.newer else "error"
    return [Fault.of(path, f"{_what(value)} is not one of {', '.join(choices)}", hint, "ovms-enum", severity)]


def _unknown(name: str, path: str, message: Message, release: Release, device: str) -> Fault:
    history = field_history(message.name, name)
    if not history:
        hint = did_you_mean(name, message.fields)
        if device and name in {"device", "target_device"}:
            hint = f"for this task it is called {device}"
        severity: Severity = "warning" if release.newer else "error"
        return Fault.of(path, f"no such field in {message.name}", hint, "ovms-unknown-field", severity)
    hint = table("tasks")["instead"].get(f"{message.name}.{name}", "")
    if release.between(history[0][0], None):
        return Fault.of(path, f"removed in {history[-1][1]}", hint, "ovms-unknown-field")
    return Fault.of(path, f"comes with {history[0][0]}, not yet in {release.known}", hint, "ovms-unknown-field")


def _what(value: object) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:37]}..."
