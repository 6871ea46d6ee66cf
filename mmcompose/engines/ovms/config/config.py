"""Checks the server's config.json for one release, before anything starts."""

from __future__ import annotations

from mmcompose.engines.ovms.config.json_tree import Json, read_json
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
    _names(value, shapes)
    _nodes(value, shapes)
    _metrics(value, shapes, rest_port)
    return ordered(shapes.faults)


def _names(root: Json, shapes: Shapes) -> None:
    """Reports names that are served twice: the server skips the second entry."""
    first: dict[str, int] = {}
    for item in ("model_config_list", "mediapipe_config_list", "pipeline_config_list"):
        for entry in root.items(item):
            config = entry.get("config") if item == "model_config_list" else entry
            name = config.get("name") if config else None
            if name is None or not isinstance(name.value, str):
                continue
            if not name.value:
                shapes.say(name, f"{item}: the name is empty", "", "ovms-name")
            elif name.value in first:
                hint = f"first on line {first[name.value]}; the server passes over the second"
                shapes.say(name, f"{item}: {name.value!r} is served twice", hint, "ovms-name")
            first.setdefault(name.value, name.mark.line)


def _nodes(root: Json, shapes: Shapes) -> None:
    """Checks that a pipeline's node names either a model or a library, as its type requires."""
    wanted = {"DL model": "model_name", "custom": "library_name"}
    for node in (node for pipeline in root.items("pipeline_config_list") for node in pipeline.items("nodes")):
        kind = node.get("type")
        if kind is None or kind.value not in wanted:
            continue
        for name in wanted.values():
            given, right = node.get(name), name == wanted[str(kind.value)]
            if right and given is None:
                shapes.say(node, f"a node of type {kind.value!r} needs {name}", "", "ovms-missing")
            elif given and not right:
                shapes.say(given, f"{name}: not for a node of type {kind.value!r}", "", "ovms-unknown-key")


def _metrics(root: Json, shapes: Shapes, rest_port: int | None) -> None:
    monitoring = root.get("monitoring")
    metrics = monitoring.get("metrics") if monitoring else None
    if metrics is None:
        return
    enable = metrics.get("enable")
    if enable and enable.value is True and rest_port == 0:
        hint = "start the server with --rest_port, or it ends with METRICS_REST_PORT_MISSING"
        shapes.say(enable, "monitoring.metrics.enable: metrics need the REST port", hint, "ovms-rest-port")
    seen: set[str] = set()
    for name in metrics.items("metrics_list"):
        if isinstance(name.value, str):
            if fault := metric_fault(name.value, seen, shapes.release):
                message = f"monitoring.metrics.metrics_list: {fault.message}"
                shapes.say(name, message, fault.hint, "ovms-metric", aged=fault.unknown)
            seen.add(name.value)
