"""Run as a program: parse graphs with MediaPipe's own descriptors, unpacked from its wheel, and say what came of it.

Usage: oracle.py FOLDER < one JSON object per line: {"text": ..., "options": base64 of the server's options file}
Writes one line each: "ok", or the parser's words. `FOLDER --describe` writes the graph's messages as JSON instead.
"""

from __future__ import annotations

import base64
import importlib
import json
import sys
import types
from pathlib import Path
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message, message_factory, text_format

GRAPH = "mediapipe.CalculatorGraphConfig"
STREAM_HANDLERS = ("default", "fixed_size", "sync_set", "timestamp_align")


def load(folder: Path) -> list[Any]:
    """MediaPipe's file descriptors. Its packages are stood in for, because the real ones import far more."""
    for package in ("mediapipe", "mediapipe.framework", "mediapipe.framework.stream_handler"):
        module = types.ModuleType(package)
        module.__path__ = [str(folder.joinpath(*package.split(".")))]
        sys.modules[package] = module
    importlib.import_module("mediapipe.framework.calculator_pb2")
    for kind in STREAM_HANDLERS:
        importlib.import_module(f"mediapipe.framework.stream_handler.{kind}_input_stream_handler_pb2")
    found: dict[str, Any] = {}
    default = descriptor_pool.Default()
    pending = [default.FindMessageTypeByName(GRAPH).file] + [
        default.FindFileByName(f"mediapipe/framework/stream_handler/{kind}_input_stream_handler.proto")
        for kind in STREAM_HANDLERS
    ]
    while pending:
        file = pending.pop()
        if file.name not in found:
            found[file.name] = file
            pending += list(file.dependencies)
    return list(found.values())


def verdict(files: list[Any], text: str, options: bytes) -> str:
    pool = descriptor_pool.DescriptorPool()
    for file in reversed(ordered(files)):
        pool.AddSerializedFile(file.serialized_pb)
    pool.AddSerializedFile(options)
    graph = message_factory.GetMessageClass(pool.FindMessageTypeByName(GRAPH))()
    try:
        text_format.Parse(text, graph, descriptor_pool=pool)
    except (text_format.ParseError, message.Error) as error:
        return str(error).replace("\n", " ")
    return "ok"


def ordered(files: list[Any]) -> list[Any]:
    """Those that need others before the others."""
    placed: list[Any] = []

    def place(file: Any) -> None:
        if file.name not in [known.name for known in placed]:
            for needed in file.dependencies:
                place(needed)
            placed.append(file)

    for file in files:
        place(file)
    return placed[::-1]


def described(files: list[Any]) -> dict[str, Any]:
    """Message → field → number, label, type; and which messages may be extended."""
    out: dict[str, Any] = {}
    for file in files:
        proto = descriptor_pb2.FileDescriptorProto.FromString(file.serialized_pb)
        for found in proto.message_type:
            describe(found, "", out)
    return out


def describe(one: Any, outer: str, out: dict[str, Any]) -> None:
    name = f"{outer}{one.name}"
    out[name] = {
        "fields": {field.name: [field.number, field.label, field.type, field.type_name] for field in one.field},
        "extendable": bool(one.extension_range),
        "extensions": {ext.name: [ext.number, ext.extendee, ext.type_name] for ext in one.extension},
    }
    for inner in one.nested_type:
        describe(inner, f"{name}.", out)


if __name__ == "__main__":
    known = load(Path(sys.argv[1]))
    if "--describe" in sys.argv:
        print(json.dumps(described(known)))
        sys.exit()
    for line in sys.stdin:
        requested = json.loads(line)
        print(verdict(known, requested["text"], base64.b64decode(requested["options"])), flush=True)
