"""Checks a graph.pbtxt for one release of the server, before it loads any model."""

from __future__ import annotations

from collections.abc import Sequence

from mmcompose.engines.ovms.catalogue import Catalogue, catalogue, find_release, table
from mmcompose.engines.ovms.fault import ordered
from mmcompose.engines.ovms.graph.descriptors import GRAPH, parse_problem
from mmcompose.engines.ovms.graph.nodes import meant_message, node_faults, options_of, same_name_faults, task_of
from mmcompose.engines.ovms.graph.option_rules import option_faults
from mmcompose.engines.ovms.graph.tree import read_tree
from mmcompose.engines.ovms.graph.typed import Judge, Known
from mmcompose.engines.ovms.graph.values import integer, number
from mmcompose.engines.ovms.graph.wiring import request_faults, wiring_faults
from mmcompose.engines.place import Place
from mmcompose.model import Fault, dotted


def check_graph(
    text: str,
    release: str,
    *,
    read_only_paths: Sequence[str] = (),
    host_memory_gib: float | None = None,
) -> list[Fault]:
    """Every fault of a graph, in reading order. Paths and memory are judged where they are known."""
    settled = find_release(release)
    if isinstance(settled, str):
        return [Fault.at(0, 0, settled, "name it as 2025.4.1", "ovms-release")]
    if not text.strip():
        return [Fault.at(1, 1, "the graph is empty", "", "ovms-text")]
    if text.startswith("\ufeff"):
        return [Fault.at(1, 1, "the file begins with a byte order mark", "save it as UTF-8 without one", "ovms-text")]
    if text.lstrip().startswith("{"):
        what = "this is JSON; a graph is written in protobuf text format"
        return [Fault.at(1, 1, what, 'it begins like input_stream: "HTTP_REQUEST_PAYLOAD:input"', "ovms-text")]
    tree, faults = read_tree(text)
    if tree is None:
        return ordered(faults)
    place = Place(read_only=read_only_paths, memory_gib=host_memory_gib)
    known = catalogue(settled)
    judge = Judge(known)
    graph = judge.message(tree, known.messages[GRAPH], None)
    faults += judge.faults + _message_faults(graph, known)
    faults += _parser_faults(text, faults, judge.spans, known)
    nodes = [given.known for given in graph.fields.get("node", []) if given.known]
    if not nodes and not any(fault.rule == "ovms-text" for fault in faults):
        faults.append(Fault.at(tree.mark.line, tree.mark.column, "the graph has no node", "", "ovms-node"))
    faults += wiring_faults(graph, nodes) + same_name_faults(nodes)
    for node in nodes:
        faults += node_faults(node, settled)
        if task := task_of(node):
            faults += request_faults(graph, task["request"], task["response"])
        for options in options_of(node):
            faults += _value_faults(options, known, place)
    return ordered(faults)


def _message_faults(graph: Known, known: Catalogue) -> list[Fault]:
    """Finds options messages that this release does not have."""
    faults = []
    messages = table("options")["messages"]
    for node in (given.known for given in graph.fields.get("node", []) if given.known):
        for options in options_of(node):
            name, mark = options.message, options.block.mark
            if name in known.messages:
                continue
            meant = table("tasks")["meant"]
            if name in messages:
                since, until = messages[name]["since"], messages[name]["until"]
                there = known.release.between(since, None)
                what = f"{name}: removed in {until}" if there else f"{name}: comes with {since}"
            elif name not in meant and task_of(node) is None:
                what = f"the contents of {name} are not checked"
                faults.append(Fault.at(mark.line, mark.column, what, "", "ovms-unchecked", "warning"))
                continue
            else:
                what = f"no release of the server has options called {name}"
            hint = f"did you mean {meant[name]}?" if meant.get(name) else ""
            faults.append(Fault.at(mark.line, mark.column, what, hint, "ovms-unknown-message"))
    return faults


def _parser_faults(text: str, faults: list[Fault], spans: list[tuple[int, int]], known: Catalogue) -> list[Fault]:
    """Asks the real parser about the text, with the spans of our own faults blanked out."""
    if any(fault.rule == "ovms-text" for fault in faults):
        return []
    rest = list(text)
    for start, end in spans:
        for place in range(start, end):
            if rest[place] != "\n":
                rest[place] = " "
    problem = parse_problem("".join(rest), known.release)
    if problem is None:
        return []
    line, column, message = problem
    if faults and "missing required" in message:
        return []  # the field is there, but was blanked out for what is wrong with it
    return [Fault.at(line, column, f"the protobuf text parser refuses this: {message}", "", "ovms-text")]


def _value_faults(options: Known, known: Catalogue, place: Place) -> list[Fault]:
    message = meant_message(options)
    if message not in known.messages:
        return []
    values: dict[str, object] = {}
    for name, field in known.messages[message].fields.items():
        scalar = options.first(name)
        if scalar is not None:
            kind = field.type
            if kind in {"uint64", "uint32", "int64", "int32"}:
                values[name] = integer(scalar.text)
            else:
                values[name] = number(scalar.text) if kind == "float" else scalar.text
        elif name in options.fields:
            values[name] = True
    faults = []
    for found in option_faults(message, values, known.release, place):
        name = dotted(found.path)
        given = options.fields.get(name)
        mark = given[0].mark if given else options.block.mark
        what = f"{name}: {found.message}"
        faults.append(Fault.at(mark.line, mark.column, what, found.hint, found.rule, found.severity))
    return faults
