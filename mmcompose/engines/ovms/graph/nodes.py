"""Checks one node that serves a generative model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mmcompose.engines.flags.nearest import did_you_mean
from mmcompose.engines.ovms.catalogue import table
from mmcompose.engines.ovms.graph.typed import Known
from mmcompose.engines.ovms.graph.wiring import RULE as STREAMS
from mmcompose.engines.ovms.graph.wiring import streams
from mmcompose.engines.ovms.releases import Release
from mmcompose.model import Fault, Severity

Task = dict[str, Any]


def task_of(node: Known) -> Task | None:
    """The task that a node serves: by its calculator, else by its options message."""
    calculator = node.written("calculator")
    meant = {meant_message(options) for options in node.inside("node_options")}
    for task in table("tasks")["tasks"].values():
        if calculator == task["calculator"] or task["options"] in meant:
            return dict(task)
    return None


def meant_message(options: Known) -> str:
    """The message that options belong to, or the one that was probably meant."""
    return str(table("tasks")["meant"].get(options.message) or options.message)


def node_faults(node: Known, release: Release) -> Iterator[Fault]:
    """Faults of one node."""
    yield from _calculator_faults(node, release)
    task = task_of(node)
    if task is None:
        return
    calculator = node.written("calculator")
    if calculator and calculator != task["calculator"]:
        what = f"{task['options']} are the options of {task['calculator']}, not of {calculator}"
        yield node.fields["calculator"][0].mark.fault(what, "", "ovms-calculator")
    if not node.written("name"):
        yield node.block.mark.fault("the node has no name", f'write name: "{task["node"]}"', "ovms-node")
    yield from _options_faults(node, task)
    yield from _packet_faults(node, task, release)
    yield from _tag_faults(node, task)
    if loopback := task.get("loopback"):
        yield from _loopback_faults(node, loopback)


def same_name_faults(nodes: list[Known]) -> Iterator[Fault]:
    """Reports nodes of one kind and name: the server keeps one set of resources for both."""
    seen: dict[tuple[str, str], int] = {}
    for node in nodes:
        name = node.first("name")
        if name is None or task_of(node) is None:
            continue
        key = (node.written("calculator"), name.text)
        if key in seen:
            what = f"another {key[0]} node on line {seen[key]} has the name {name.text!r}"
            yield name.mark.fault(what, "", "ovms-node")
        seen.setdefault(key, name.mark.line)


def _calculator_faults(node: Known, release: Release) -> Iterator[Fault]:
    scalar = node.first("calculator")
    if scalar is None:
        yield node.block.mark.fault("the node has no calculator", "", "ovms-calculator")
        return
    known, name = table("calculators"), scalar.text
    if name in known["stock"]:
        return
    what, hint = "the server has no such calculator", ""
    if name in known["since_until"]:
        what = release.lacks(*known["since_until"][name])
    else:
        hint = did_you_mean(name, [*known["since_until"], *known["stock"]])
    if what:
        severity: Severity = "warning" if release.newer else "error"
        hint = known["renamed"].get(name, hint)
        yield scalar.mark.fault(f"{name}: {what}", hint, "ovms-calculator", severity)


def _options_faults(node: Known, task: Task) -> Iterator[Fault]:
    given = node.fields.get("node_options", [])
    if not given:
        hint = f"write node_options {{ [type.googleapis.com/mediapipe.{task['options']}] {{ ... }} }}"
        if "options" in node.fields:
            hint = f"the server reads node_options only, never options; {hint}"
        yield node.block.mark.fault("the node has no node_options", hint, "ovms-options")
        return
    first, hint = given[0].known, "the server reads the first node_options only"
    if first and first.message != task["options"]:
        what = f"the first node_options must be {task['options']}, not {first.message}"
        yield given[0].mark.fault(what, hint, "ovms-options")
    for more in given[1:]:
        yield more.mark.fault("these node_options are never read", hint, "ovms-options", "warning")


def _packet_faults(node: Known, task: Task, release: Release) -> Iterator[Fault]:
    wanted, optional = task["side_packet"], task.get("optional_side_packets", {})
    found = False
    for packet in streams(node, "input_side_packet"):
        text = f"{packet.tag}:{packet.name}"
        found = found or text == wanted
        if text == wanted or (text in optional and release.between(optional[text], None)):
            continue
        hint = f"it comes with {optional[text]}" if text in optional else f'write "{wanted}"'
        yield packet.mark.fault(f"input_side_packet: the server gives no {text}", hint, "ovms-side-packet")
        found = found or packet.tag == wanted.partition(":")[0]
    if not found:
        what, hint = "the node does not take the model", f'write input_side_packet: "{wanted}"'
        yield node.block.mark.fault(what, hint, "ovms-side-packet")


def _tag_faults(node: Known, task: Task) -> Iterator[Fault]:
    for field, kind in (("input_stream", "request"), ("output_stream", "response")):
        tags = [task[kind], *filter(None, [task.get("loopback")])]
        have = {stream.tag: stream for stream in streams(node, field)}
        for tag in tags:
            if tag not in have:
                hint = f'write {field}: "{tag}:{_usual(tag)}"'
                yield node.block.mark.fault(f"the node has no {field} {tag}", hint, STREAMS)
        for tag, stream in have.items():
            if tag not in tags:
                yield stream.fault(f"{field}: {task['calculator']} has no stream {tag or 'without a tag'}")
    for given in node.fields.get("output_side_packet", []):
        what = f"{task['calculator']} makes no side packet"
        yield given.mark.fault(what, "drop the output_side_packet", "ovms-side-packet")


def _usual(tag: str) -> str:
    return "loopback" if tag == "LOOPBACK" else "input" if "REQUEST" in tag else "output"


def _loopback_faults(node: Known, tag: str) -> Iterator[Fault]:
    """Checks the loopback: without a back edge the graph has a cycle; without the handler the first request waits
    for ever."""
    places = {tag, f"{tag}:0"}
    marked = (info for info in node.inside("input_stream_info") if info.written("tag_index") in places)
    if not any(info.written("back_edge") in {"true", "True", "t", "1"} for info in marked):
        hint = f'write input_stream_info {{ tag_index: "{tag}:0" back_edge: true }}'
        yield node.block.mark.fault(f"{tag} is not marked as a back edge", hint, "ovms-loopback")
    handlers = node.inside("input_stream_handler")
    handler = handlers[0].written("input_stream_handler") if handlers else ""
    if handler != "SyncSetInputStreamHandler":
        what = f"{tag} needs the SyncSetInputStreamHandler" + (f", not {handler}" if handler else "")
        hint = "without it the first request waits for a loopback that never comes"
        yield node.block.mark.fault(what, hint, "ovms-loopback")
    elif places.isdisjoint(_sync_tags(handlers[0])):
        named = f'sync_set {{ tag_index: "{tag}:0" }}'
        hint = f"write options {{ [mediapipe.SyncSetInputStreamHandlerOptions.ext] {{ {named} }} }}"
        yield handlers[0].block.mark.fault(f"no sync_set names {tag}", hint, "ovms-loopback")


def _sync_tags(handler: Known) -> list[str]:
    level = [handler]
    for field in ("options", "mediapipe.SyncSetInputStreamHandlerOptions.ext", "sync_set"):
        level = [inner for known in level for inner in known.inside(field)]
    return [given.text for known in level for given in known.fields.get("tag_index", [])]
