"""Checks a graph.pbtxt for one release of the server, before it loads any model."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from mmcompose.engines.ovms.catalogue import Catalogue, catalogue, table
from mmcompose.engines.ovms.fault import ordered, settled
from mmcompose.engines.ovms.graph.descriptors import GRAPH, parse_problem
from mmcompose.engines.ovms.graph.nodes import meant_message, node_faults, same_name_faults, task_of
from mmcompose.engines.ovms.graph.option_rules import option_faults
from mmcompose.engines.ovms.graph.text_tree import read_tree
from mmcompose.engines.ovms.graph.typed import Judge, Known
from mmcompose.engines.ovms.graph.values import READ
from mmcompose.engines.ovms.graph.wiring import request_faults, wiring_faults
from mmcompose.engines.place import Place
from mmcompose.model import Fault, dotted


def check_graph(
    text: str, release: str, *, read_only_paths: Sequence[str] = (), host_memory_gib: float | None = None
) -> list[Fault]:
    """Every fault of a graph, in reading order. Paths and memory are judged where they are known."""
    found = settled(release, text, "graph", "ovms-text")
    if isinstance(found, Fault):
        return [found]
    if text.lstrip().startswith("{"):
        what = "this is JSON; a graph is written in protobuf text format"
        return [Fault.at(1, 1, what, 'it begins like input_stream: "HTTP_REQUEST_PAYLOAD:input"', "ovms-text")]
    tree, faults = read_tree(text)
    if tree is None:
        return ordered(faults)
    judge = Judge(known := catalogue(found))
    graph = judge.message(tree, known.messages[GRAPH], None)
    nodes = graph.inside("node")
    faults += judge.faults
    faults += _message_faults(nodes, known)
    if not any(fault.rule == "ovms-text" for fault in faults):
        faults += _parser_faults(text, bool(faults), judge.spans, known)
        if not nodes:
            faults.append(tree.mark.fault("the graph has no node", "", "ovms-node"))
    faults += wiring_faults(graph, nodes)
    faults += same_name_faults(nodes)
    place = Place(read_only=read_only_paths, memory_gib=host_memory_gib)
    for node in nodes:
        faults += node_faults(node, found)
        if task := task_of(node):
            faults += request_faults(graph, task["request"], task["response"])
        for options in node.inside("node_options"):
            faults += _value_faults(options, known, place)
    return ordered(faults)


def _message_faults(nodes: Sequence[Known], known: Catalogue) -> Iterator[Fault]:
    """Finds options messages that this release does not have."""
    messages, meant = table("options")["messages"], table("tasks")["meant"]
    for node in nodes:
        for options in node.inside("node_options"):
            name, mark = options.message, options.block.mark
            if name in known.messages:
                continue
            if name not in messages and name not in meant and task_of(node) is None:
                yield mark.fault(f"the contents of {name} are not checked", "", "ovms-unchecked", "warning")
                continue
            what = f"no release of the server has options called {name}"
            if name in messages:
                what = f"{name}: {known.release.lacks(messages[name]['since'], messages[name]['until'])}"
            hint = f"did you mean {meant[name]}?" if meant.get(name) else ""
            yield mark.fault(what, hint, "ovms-unknown-message")


def _parser_faults(text: str, faulty: bool, spans: list[tuple[int, int]], known: Catalogue) -> Iterator[Fault]:
    """Asks the real parser about the text, with the spans of our own faults blanked out."""
    rest = text
    for start, end in spans:
        rest = rest[:start] + re.sub(r"[^\n]", " ", rest[start:end]) + rest[end:]
    line, column, message = parse_problem(rest, known.release) or (0, 0, "")
    # A required field may be there, and blanked out for what is wrong with it.
    if message and not (faulty and "missing required" in message):
        yield Fault.at(line, column, f"the protobuf text parser refuses this: {message}", "", "ovms-text")


def _value_faults(options: Known, known: Catalogue, place: Place) -> Iterator[Fault]:
    message = meant_message(options)
    if message not in known.messages:
        return
    values: dict[str, object] = {}
    for name, field in known.messages[message].fields.items():
        scalar = options.first(name)
        if scalar is not None:
            values[name] = READ[field.type](scalar.text) if field.type in READ else scalar.text
        elif name in options.fields:
            values[name] = True
    for fault in option_faults(message, values, known.release, place):
        name = dotted(fault.path)
        given = options.fields.get(name)
        mark = given[0].mark if given else options.block.mark
        yield mark.fault(f"{name}: {fault.message}", fault.hint, fault.rule, fault.severity)
