"""Checks the server's config.json for one release, before anything starts."""

from __future__ import annotations

from mmcompose.engines.ovms.config.json_tree import Json, Members, read_json
from mmcompose.engines.ovms.config.metrics import metric_fault
from mmcompose.engines.ovms.config.shapes import Shapes
from mmcompose.engines.ovms.fault import ordered, settled
from mmcompose.model import Fault


def check_config(text: str, release: str, *, rest_port: int | None = None) -> list[Fault]:
    """Every fault of a config file, in reading order.

    `rest_port` is the server's `--rest_port`: 0 if it is not set, None if it is unknown.
    """
    known = settled(release, text, "config file", "ovms-json")
    if isinstance(known, Fault):
        return [known]
    value, faults = read_json(text)
    if value is None:
        return ordered(faults)
    shapes = Shapes(known, faults)
    shapes.check(value, "root", "")
    if isinstance(value.value, Members):
        _names(value.value, shapes)
        _nodes(value.value, shapes)
        _metrics(value.value, shapes, rest_port)
    return ordered(shapes.faults)


def _names(root: Members, shapes: Shapes) -> None:
    """Reports names that are served twice: the server skips the second entry."""
    first: dict[str, int] = {}
    for item, wrapped in (
        ("model_config_list", True),
        ("mediapipe_config_list", False),
        ("pipeline_config_list", False),
    ):
        for entry in _items(root, item):
            config = entry.value.get("config") if wrapped and isinstance(entry.value, Members) else entry
            name = config.value.get("name") if config and isinstance(config.value, Members) else None
            if name is None or not isinstance(name.value, str):
                continue
            if not name.value:
                shapes.say(name, f"{item}: the name is empty", "", "ovms-name")
            elif name.value in first:
                hint = f"first on line {first[name.value]}; the server passes over the second"
                shapes.say(name, f"{item}: {name.value!r} is served twice", hint, "ovms-name")
            first.setdefault(name.value, name.mark.line)


def _nodes(root: Members, shapes: Shapes) -> None:
    """Checks that a pipeline's node names either a model or a library, as its type requires."""
    for pipeline in _items(root, "pipeline_config_list"):
        for node in _items(pipeline.value, "nodes"):
            if not isinstance(node.value, Members):
                continue
            kind = node.value.get("type")
            wanted = {"DL model": "model_name", "custom": "library_name"}
            if kind is None or kind.value not in wanted:
                continue
            for name in wanted.values():
                given, right = node.value.get(name), name == wanted[str(kind.value)]
                if right and given is None:
                    shapes.say(node, f"a node of type {kind.value!r} needs {name}", "", "ovms-missing")
                elif given and not right:
                    shapes.say(given, f"{name}: not for a node of type {kind.value!r}", "", "ovms-unknown-key")


def _metrics(root: Members, shapes: Shapes, rest_port: int | None) -> None:
    monitoring = root.get("monitoring")
    metrics = monitoring.value.get("metrics") if monitoring and isinstance(monitoring.value, Members) else None
    if metrics is None or not isinstance(metrics.value, Members):
        return
    enable = metrics.value.get("enable")
    if enable and enable.value is True and rest_port == 0:
        hint = "start the server with --rest_port, or it ends with METRICS_REST_PORT_MISSING"
        shapes.say(enable, "monitoring.metrics.enable: metrics need the REST port", hint, "ovms-rest-port")
    seen: set[str] = set()
    for name in _items(metrics.value, "metrics_list"):
        if isinstance(name.value, str):
            _metric(name, name.value, seen, shapes)


def _metric(at: Json, name: str, seen: set[str], shapes: Shapes) -> None:
    fault = metric_fault(name, seen, shapes.release)
    if fault:
        message = f"monitoring.metrics.metrics_list: {fault.message}"
        shapes.say(at, message, fault.hint, "ovms-metric", aged=fault.unknown)
    seen.add(name)


def _items(found: object, key_name: str) -> list[Json]:
    given = found.get(key_name) if isinstance(found, Members) else None
    return given.value if given and isinstance(given.value, list) else []
