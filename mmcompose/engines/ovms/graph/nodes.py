"""Checks one node that serves a generative model."""

from __future__ import annotations

from typing import Any

from mmcompose.engines.flags.nearest import did_you_mean
from mmcompose.engines.ovms.catalogue import table
from mmcompose.engines.ovms.graph.tokens import Mark
from mmcompose.engines.ovms.graph.typed import Known
from mmcompose.engines.ovms.graph.wiring import streams
from mmcompose.engines.ovms.releases import Release
from mmcompose.model import Fault

Task = dict[str, Any]


def task_of(node: Known) -> Task | None:
    """The task that a node serves: by its calculator, else by its options message."""
    calculator = written(node, "calculator")
    meant = {meant_message(options) for options in options_of(node)}
    for task in table("tasks")["tasks"].values():
        if calculator == task["calculator"] or task["options"] in meant:
            return dict(task)
    return None


def options_of(node: Known) -> list[Known]:
    """The options messages of a node, in order."""
    return [given.known for given in node.fields.get("node_options", []) if given.known]


def meant_message(options: Known) -> str:
    """The message that options belong to, or the one that was probably meant."""
    return str(table("tasks")["meant"].get(options.message) or options.message)


def written(known: Known, field: str) -> str:
    """The text of a scalar field; empty if the field is missing."""
    scalar = known.first(field)
    return scalar.text if scalar else ""


def node_faults(node: Known, release: Release) -> list[Fault]:
    """Faults of one node."""
    faults = _calculator_faults(node, release)
    task = task_of(node)
    if task is None:
        return faults
    calculator = written(node, "calculator")
    if calculator and calculator != task["calculator"]:
        what = f"{task['options']} are the options of {task['calculator']}, not of {calculator}"
        faults.append(_fault(node.fields["calculator"][0].mark, what, "", "ovms-calculator"))
    if not written(node, "name"):
        faults.append(_fault(node.block.mark, "the node has no name", f'write name: "{task["node"]}"', "ovms-node"))
    return faults + _options_faults(node, task) + _packet_faults(node, task, release) + _tag_faults(node, task)


def same_name_faults(nodes: list[Known]) -> list[Fault]:
    """Reports nodes of one kind and name: the server keeps one set of resources for both."""
    seen: dict[tuple[str, str], int] = {}
    faults = []
    for node in nodes:
        name = node.first("name")
        if name is None or task_of(node) is None:
            continue
        key = (written(node, "calculator"), name.text)
        if key in seen:
            what = f"another {key[0]} node on line {seen[key]} has the name {name.text!r}"
            faults.append(_fault(name.mark, what, "", "ovms-node"))
        seen.setdefault(key, name.mark.line)
    return faults


def _calculator_faults(node: Known, release: Release) -> list[Fault]:
    scalar = node.first("calculator")
    if scalar is None:
        return [_fault(node.block.mark, "the node has no calculator", "", "ovms-calculator")]
    known = table("calculators")
    name = scalar.text
    since, until = known["since_until"].get(name, (None, None))
    if name in known["stock"] or (since and release.between(since, until)):
        return []
    if since and not release.between(since, None):
        what, hint = f"{name}: comes with {since}, not yet in {release.known}", ""
    elif since:
        what, hint = f"{name}: removed in {until}", ""
    else:
        what = f"{name}: the server has no such calculator"
        hint = did_you_mean(name, [*known["since_until"], *known["stock"]])
    return [
        Fault.at(
            scalar.mark.line,
            scalar.mark.column,
            what,
            known["renamed"].get(name, hint),
            "ovms-calculator",
            "warning" if release.newer else "error",
        )
    ]


def _options_faults(node: Known, task: Task) -> list[Fault]:
    given = node.fields.get("node_options", [])
    if not given:
        hint = f"write node_options {{ [type.googleapis.com/mediapipe.{task['options']}] {{ ... }} }}"
        if "options" in node.fields:
            hint = f"the server reads node_options only, never options; {hint}"
        return [_fault(node.block.mark, "the node has no node_options", hint, "ovms-options")]
    faults = []
    first = given[0].known
    if first and first.message != task["options"]:
        what = f"the first node_options must be {task['options']}, not {first.message}"
        faults.append(_fault(given[0].mark, what, "the server reads the first node_options only", "ovms-options"))
    for more in given[1:]:
        what = "these node_options are never read"
        hint = "the server reads the first node_options only"
        faults.append(Fault.at(more.mark.line, more.mark.column, what, hint, "ovms-options", "warning"))
    return faults


def _packet_faults(node: Known, task: Task, release: Release) -> list[Fault]:
    wanted = task["side_packet"]
    optional = task.get("optional_side_packets", {})
    faults = []
    found = False
    for packet in streams(node, "input_side_packet"):
        text = f"{packet.tag}:{packet.name}"
        found = found or text == wanted
        if text == wanted or (text in optional and release.between(optional[text], None)):
            continue
        hint = f'write "{wanted}"'
        if text in optional:
            hint = f"it comes with {optional[text]}"
        faults.append(_fault(packet.mark, f"input_side_packet: the server gives no {text}", hint, "ovms-side-packet"))
        found = found or packet.tag == wanted.partition(":")[0]
    if not found:
        what, hint = "the node does not take the model", f'write input_side_packet: "{wanted}"'
        faults.append(_fault(node.block.mark, what, hint, "ovms-side-packet"))
    return faults


def _tag_faults(node: Known, task: Task) -> list[Fault]:
    faults = []
    loopback = task.get("loopback")
    for field, tags in (
        ("input_stream", [task["request"], loopback]),
        ("output_stream", [task["response"], loopback]),
    ):
        have = {stream.tag: stream for stream in streams(node, field)}
        for tag in filter(None, tags):
            if tag not in have:
                hint = f'write {field}: "{tag}:{_usual(tag)}"'
                faults.append(_fault(node.block.mark, f"the node has no {field} {tag}", hint, "ovms-streams"))
        for tag, stream in have.items():
            if tag not in tags:
                what = f"{field}: {task['calculator']} has no stream {tag or 'without a tag'}"
                faults.append(_fault(stream.mark, what, "", "ovms-streams"))
    for given in node.fields.get("output_side_packet", []):
        what = f"{task['calculator']} makes no side packet"
        faults.append(_fault(given.mark, what, "drop the output_side_packet", "ovms-side-packet"))
    return faults + (_loopback_faults(node, loopback) if loopback else [])


def _usual(tag: str) -> str:
    return "loopback" if tag == "LOOPBACK" else "input" if "REQUEST" in tag else "output"


def _loopback_faults(node: Known, tag: str) -> list[Fault]:
    """Checks the loopback: without a back edge the graph has a cycle; without the handler the first request waits
    for ever."""
    faults = []
    places = {tag, f"{tag}:0"}
    infos = [given.known for given in node.fields.get("input_stream_info", []) if given.known]
    back = [
        i for i in infos if written(i, "tag_index") in places and written(i, "back_edge") in {"true", "True", "t", "1"}
    ]
    if not back:
        hint = f'write input_stream_info {{ tag_index: "{tag}:0" back_edge: true }}'
        faults.append(_fault(node.block.mark, f"{tag} is not marked as a back edge", hint, "ovms-loopback"))
    handlers = [given.known for given in node.fields.get("input_stream_handler", []) if given.known]
    handler = written(handlers[0], "input_stream_handler") if handlers else ""
    if handler != "SyncSetInputStreamHandler":
        what = f"{tag} needs the SyncSetInputStreamHandler" + (f", not {handler}" if handler else "")
        hint = "without it the first request waits for a loopback that never comes"
        faults.append(_fault(node.block.mark, what, hint, "ovms-loopback"))
    elif not any(text in places for text in _sync_tags(handlers[0])):
        named = f'sync_set {{ tag_index: "{tag}:0" }}'
        hint = f"write options {{ [mediapipe.SyncSetInputStreamHandlerOptions.ext] {{ {named} }} }}"
        faults.append(_fault(handlers[0].block.mark, f"no sync_set names {tag}", hint, "ovms-loopback"))
    return faults


def _sync_tags(handler: Known) -> list[str]:
    tags: list[str] = []
    level = [handler]
    for field in ("options", "mediapipe.SyncSetInputStreamHandlerOptions.ext", "sync_set"):
        level = [given.known for known in level for given in known.fields.get(field, []) if given.known]
    for known in level:
        tags += [given.scalar.text for given in known.fields.get("tag_index", []) if given.scalar]
    return tags


def _fault(mark: Mark, message: str, hint: str, rule: str) -> Fault:
    return Fault.at(mark.line, mark.column, message, hint, rule)
