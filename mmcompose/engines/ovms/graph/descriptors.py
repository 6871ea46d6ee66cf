"""The server's messages as real protobuf descriptors, so that the real text parser can judge a graph."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from mmcompose.engines.ovms.catalogue import SCALARS, Catalogue, Field, Message, catalogue, table

if TYPE_CHECKING:
    from google.protobuf.descriptor_pool import DescriptorPool

    from mmcompose.engines.ovms.releases import Release

PACKAGE = "mediapipe"
GRAPH = "CalculatorGraphConfig"
GRAPH_FILE = "mmcompose/graph.proto"


@cache
def pool(release: Release) -> DescriptorPool:
    """A descriptor pool with the graph and every options message of one release."""
    from google.protobuf import any_pb2, descriptor_pool

    made = descriptor_pool.DescriptorPool()
    made.AddSerializedFile(any_pb2.DESCRIPTOR.serialized_pb)
    made.AddSerializedFile(graph_file(release))
    made.AddSerializedFile(options_file(release, GRAPH_FILE))
    return made


def graph_file(release: Release) -> bytes:
    """MediaPipe's graph, as a serialised file descriptor."""
    known = catalogue(release)
    return _file(GRAPH_FILE, "google/protobuf/any.proto", known, list(table("graph")["messages"]), [])


def options_file(release: Release, graph: str) -> bytes:
    """The server's own options messages, as a serialised file descriptor that builds on the file `graph`."""
    known = catalogue(release)
    own = set(table("graph")["messages"])
    names = [name for name in known.messages if name not in own]
    return _file("mmcompose/options.proto", graph, known, names, list(known.enums))


def _file(name: str, dependency: str, known: Catalogue, messages: list[str], enums: list[str]) -> bytes:
    from google.protobuf import descriptor_pb2

    file = descriptor_pb2.FileDescriptorProto(name=name, package=PACKAGE, syntax="proto2", dependency=[dependency])
    homes: dict[str, Any] = {}
    for message in sorted(messages, key=lambda message: message.count(".")):
        _add_message(file, homes, known, known.messages[message])
    for enum in enums:
        outer, _, short = enum.rpartition(".")
        made = (homes[outer] if outer else file).enum_type.add(name=short)
        for value, number in known.enums[enum].items():
            made.value.add(name=value, number=number)
    return file.SerializeToString()


def parse_problem(text: str, release: Release) -> tuple[int, int, str] | None:
    """The objection of the real text parser to a graph: line, column, message; None if it accepts the graph."""
    import warnings

    from google.protobuf import message, message_factory, text_format

    descriptors = pool(release)
    graph = message_factory.GetMessageClass(descriptors.FindMessageTypeByName(f"{PACKAGE}.{GRAPH}"))()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # protobuf's own decoding of odd escapes warns; the verdict is what counts
            text_format.Parse(text, graph, descriptor_pool=descriptors)
    except text_format.ParseError as error:
        return error.GetLine() or 0, error.GetColumn() or 0, str(error)
    except (message.Error, RecursionError, ValueError) as error:
        return 0, 0, str(error)
    return None


def _add_message(file: Any, homes: dict[str, Any], known: Catalogue, message: Message) -> None:
    outer, _, short = message.name.rpartition(".")
    made = homes[outer].nested_type.add(name=short) if outer else file.message_type.add(name=short)
    homes[message.name] = made
    if message.extendable:
        made.extension_range.add(start=20000, end=536870912)
    groups: list[str] = []
    for field in message.fields.values():
        described = made.field.add(**_described(field, known))
        if field.oneof:
            if field.oneof not in groups:
                groups.append(field.oneof)
                made.oneof_decl.add(name=field.oneof)
            described.oneof_index = groups.index(field.oneof)
    if message.extends:
        extension = _described(Field("ext", message.extension, "optional", message.name), known)
        made.extension.add(**extension, extendee=f".{PACKAGE}.{message.extends}")


def _described(field: Field, known: Catalogue) -> dict[str, Any]:
    plain = field.type in SCALARS
    default = str(field.default).lower() if isinstance(field.default, bool) else field.default
    kind = field.type if plain else "enum" if field.type in known.enums else "message"
    place = "" if field.type.startswith(".") else f".{PACKAGE}."
    return {
        "name": field.name,
        "number": field.number,
        "label": f"LABEL_{field.label.upper()}",
        "type": f"TYPE_{kind.upper()}",
        "type_name": None if plain else f"{place}{field.type}",
        "default_value": str(default).lower()
        if isinstance(default, bool)
        else None
        if default is None
        else str(default),
    }
