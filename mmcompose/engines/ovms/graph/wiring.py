"""Checks the streams of a graph: the rules of the server and of MediaPipe for names, pairs and producers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from mmcompose.engines.ovms.graph.typed import Known
from mmcompose.engines.ovms.reading import Mark
from mmcompose.model import Fault

_STREAM = re.compile(r"(?:([A-Z_][A-Z0-9_]*):(?:(0|[1-9][0-9]*):)?)?([a-z_][a-z0-9_]*)")
RULE = "ovms-streams"


class Stream(NamedTuple):
    """A stream or side packet: its tag, its name, its place."""

    tag: str
    name: str
    mark: Mark

    def fault(self, message: str, hint: str = "") -> Fault:
        return self.mark.fault(message, hint, RULE)


def streams(known: Known, field: str) -> list[Stream]:
    """The well-formed streams of a field."""
    return [
        Stream(match[1] or "", match[3], given.mark)
        for given in known.fields.get(field, [])
        if (match := _STREAM.fullmatch(given.text))
    ]


def wiring_faults(graph: Known, nodes: list[Known]) -> Iterator[Fault]:
    """Faults of the graph's own streams, and of those between its nodes."""
    for part in (graph, *nodes):
        for field in ("input_stream", "output_stream", "input_side_packet", "output_side_packet"):
            for given in part.fields.get(field, []):
                if not _STREAM.fullmatch(given.text):
                    yield given.mark.fault(f"{field}: {given.text!r} is no stream", 'write it as "TAG:name"', RULE)
    ins, outs = streams(graph, "input_stream"), streams(graph, "output_stream")
    for field, found in (("input_stream", ins), ("output_stream", outs)):
        if field not in graph.fields:
            hint = "the server needs at least one of each"
            yield graph.block.mark.fault(f"the graph has no {field}", hint, RULE)
        yield from _twice(found, {}, f"{field}: {{}} is already named on line {{}}")
    yield from _pair_faults(ins, outs)
    made = {stream.name: stream for stream in ins}
    for node in nodes:
        yield from _twice(streams(node, "output_stream"), made, "output_stream: {} is already made on line {}")
    for stream in (stream for node in nodes for stream in streams(node, "input_stream")):
        if stream.name not in made:
            yield stream.fault(f"input_stream: nothing in the graph makes {stream.name}")
    for stream in outs if nodes else ():
        if stream.name not in made:
            yield stream.fault(f"output_stream: no node makes {stream.name}")


def request_faults(graph: Known, request: str, response: str) -> Iterator[Fault]:
    """Checks for the stream `input`, into which the HTTP front end puts every request."""
    ins, outs = streams(graph, "input_stream"), streams(graph, "output_stream")
    if ins and not any(stream.name == "input" for stream in ins):
        what = "no input_stream is named input, where the server puts each request"
        yield ins[0].fault(what, f'write input_stream: "{request}:input"')
    elif ins and not any(stream.tag == request for stream in ins):
        yield ins[0].fault(f'the graph needs input_stream: "{request}:input"')
    if outs and not any(stream.tag == response for stream in outs):
        yield outs[0].fault(f'the graph needs output_stream: "{response}:output"')


def _twice(found: list[Stream], before: dict[str, Stream], message: str) -> Iterator[Fault]:
    """Reports names that are taken, and adds the others to those `before`."""
    for stream in found:
        if stream.name in before:
            yield stream.fault(message.format(stream.name, before[stream.name].mark.line))
        before.setdefault(stream.name, stream)


def _pair_faults(ins: list[Stream], outs: list[Stream]) -> Iterator[Fault]:
    """Checks that a graph with a REQUEST stream has one RESPONSE stream and no others: REQUEST is the whole request."""
    asks = [stream for stream in ins if stream.tag.startswith("REQUEST")]
    answers = [stream for stream in outs if stream.tag.startswith("RESPONSE")]
    if asks and outs and not answers:
        yield outs[0].fault(f"{asks[0].tag} goes in, so a RESPONSE stream must come out")
    if answers and ins and not asks:
        yield ins[0].fault(f"{answers[0].tag} comes out, so a REQUEST stream must go in")
    for field, found in (("input_stream", ins), ("output_stream", outs)):
        if asks and len(found) > 1:
            yield found[1].fault(f"{field}: beside {asks[0].tag} only one is allowed")
