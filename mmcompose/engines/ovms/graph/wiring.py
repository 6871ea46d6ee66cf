"""Checks the streams of a graph: the rules of the server and of MediaPipe for names, pairs and producers."""

from __future__ import annotations

import re
from typing import NamedTuple

from mmcompose.engines.ovms.graph.tokens import Mark
from mmcompose.engines.ovms.graph.typed import Known
from mmcompose.model import Fault

_STREAM = re.compile(r"(?:([A-Z_][A-Z0-9_]*):(?:(0|[1-9][0-9]*):)?)?([a-z_][a-z0-9_]*)")
_RULE = "ovms-streams"


class Stream(NamedTuple):
    """A stream or side packet: its tag, its name, its place."""

    tag: str
    name: str
    mark: Mark


def streams(known: Known, field: str) -> list[Stream]:
    """The well-formed streams of a field."""
    found = []
    for given in known.fields.get(field, []):
        written = given.scalar.text if given.scalar else ""
        if match := _STREAM.fullmatch(written):
            found.append(Stream(match[1] or "", match[3], given.mark))
    return found


def wiring_faults(graph: Known, nodes: list[Known]) -> list[Fault]:
    """Faults of the graph's own streams, and of those between its nodes."""
    faults: list[Fault] = []
    start = graph.block.mark
    for part in (graph, *nodes):
        for field in ("input_stream", "output_stream", "input_side_packet", "output_side_packet"):
            faults += _form_faults(part, field)
    ins, outs = streams(graph, "input_stream"), streams(graph, "output_stream")
    for field in ("input_stream", "output_stream"):
        if field not in graph.fields:
            faults.append(_fault(start, f"the graph has no {field}", "the server needs at least one of each"))
    faults += _twice(ins, "input_stream") + _twice(outs, "output_stream") + _pair_faults(ins, outs)
    return faults + _producer_faults(ins, outs, nodes)


def request_faults(graph: Known, request: str, response: str) -> list[Fault]:
    """Checks for the stream `input`, into which the HTTP front end puts every request."""
    faults = []
    ins, outs = streams(graph, "input_stream"), streams(graph, "output_stream")
    if ins and not any(stream.name == "input" for stream in ins):
        what = "no input_stream is named input, where the server puts each request"
        faults.append(_fault(ins[0].mark, what, f'write input_stream: "{request}:input"'))
    elif ins and not any(stream.tag == request for stream in ins):
        faults.append(_fault(ins[0].mark, f'the graph needs input_stream: "{request}:input"'))
    if outs and not any(stream.tag == response for stream in outs):
        faults.append(_fault(outs[0].mark, f'the graph needs output_stream: "{response}:output"'))
    return faults


def _form_faults(part: Known, field: str) -> list[Fault]:
    faults = []
    for given in part.fields.get(field, []):
        written = given.scalar.text if given.scalar else ""
        if not _STREAM.fullmatch(written):
            faults.append(_fault(given.mark, f"{field}: {written!r} is no stream", 'write it as "TAG:name"'))
    return faults


def _twice(found: list[Stream], field: str) -> list[Fault]:
    first: dict[str, Stream] = {}
    faults = []
    for stream in found:
        if stream.name in first:
            line = first[stream.name].mark.line
            faults.append(_fault(stream.mark, f"{field}: {stream.name} is already named on line {line}"))
        first.setdefault(stream.name, stream)
    return faults


def _pair_faults(ins: list[Stream], outs: list[Stream]) -> list[Fault]:
    """Checks that a graph with a REQUEST stream has one RESPONSE stream and no others: REQUEST is the whole request."""
    asks = [stream for stream in ins if stream.tag.startswith("REQUEST")]
    answers = [stream for stream in outs if stream.tag.startswith("RESPONSE")]
    faults = []
    if asks and outs and not answers:
        faults.append(_fault(outs[0].mark, f"{asks[0].tag} goes in, so a RESPONSE stream must come out"))
    if answers and ins and not asks:
        faults.append(_fault(ins[0].mark, f"{answers[0].tag} comes out, so a REQUEST stream must go in"))
    if asks:
        for field, found in (("input_stream", ins), ("output_stream", outs)):
            if len(found) > 1:
                faults.append(_fault(found[1].mark, f"{field}: beside {asks[0].tag} only one is allowed"))
    return faults


def _producer_faults(ins: list[Stream], outs: list[Stream], nodes: list[Known]) -> list[Fault]:
    made: dict[str, Stream] = {stream.name: stream for stream in ins}
    faults = []
    for node in nodes:
        for stream in streams(node, "output_stream"):
            if stream.name in made:
                line = made[stream.name].mark.line
                faults.append(_fault(stream.mark, f"output_stream: {stream.name} is already made on line {line}"))
            made.setdefault(stream.name, stream)
    wanted = [stream for node in nodes for stream in streams(node, "input_stream")]
    for stream in wanted:
        if stream.name not in made:
            what = f"input_stream: nothing in the graph makes {stream.name}"
            faults.append(_fault(stream.mark, what))
    unmade = [stream for stream in outs if nodes and stream.name not in made]
    faults += [_fault(stream.mark, f"output_stream: no node makes {stream.name}") for stream in unmade]
    return faults


def _fault(mark: Mark, message: str, hint: str = "") -> Fault:
    return Fault.at(mark.line, mark.column, message, hint, _RULE)
