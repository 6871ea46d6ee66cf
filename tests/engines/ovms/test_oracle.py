"""MediaPipe's own descriptors as an independent judge: our copy of the graph says what they say.

The wheel is fetched once into a cache outside the project, unpacked, never installed: it pins an old protobuf.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from mmcompose.engines.ovms.catalogue import catalogue, find_release, table
from mmcompose.engines.ovms.graph.descriptors import GRAPH_FILE, graph_file, options_file, parse_problem
from mmcompose.engines.ovms.graph.graph import check_graph
from mmcompose.engines.ovms.releases import Release
from tests.engines.ovms.making import CORRECTED, HANDMADE, RELEASES, SETTINGS, graph_of, with_options

WHEEL = "mediapipe==0.10.21"
PARSED = {"ovms-text", "ovms-unknown-field", "ovms-unknown-message", "ovms-type", "ovms-enum", "ovms-duplicate"}
MODEL = 'models_path: "/m" '


@pytest.fixture(scope="session")
def mediapipe() -> Path:
    """The folder with MediaPipe's generated descriptors."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "mmcompose-tests"
    folder = cache / "mediapipe-0.10.21"
    if not (folder / "whole").exists():
        cache.mkdir(parents=True, exist_ok=True)
        wanted = ["--no-deps", "--python-version", "3.11", "--only-binary=:all:", "--platform", "manylinux_2_28_x86_64"]
        command = [sys.executable, "-m", "pip", "download", "-q", *wanted, "-d", str(cache), WHEEL]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        except subprocess.TimeoutExpired:
            pytest.skip(f"{WHEEL} did not come within two minutes")
        if done.returncode:
            pytest.skip(f"{WHEEL} cannot be fetched: {done.stderr.strip()[-200:]}")
        wheel = next(cache.glob("mediapipe-0.10.21-*.whl"))
        with zipfile.ZipFile(wheel) as packed:
            names = [n for n in packed.namelist() if n.startswith("mediapipe/framework/") and n.endswith("_pb2.py")]
            packed.extractall(folder, names)
        (folder / "whole").touch()
    return folder


def ask(mediapipe: Path, *flags: str, lines: str = "") -> str:
    program = Path(__file__).with_name("oracle.py")
    command = [sys.executable, "-W", "ignore", str(program), str(mediapipe), *flags]
    done = subprocess.run(command, input=lines, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def verdicts(mediapipe: Path, requested: list[tuple[str, str]]) -> list[str]:
    """What MediaPipe's descriptors make of (text, release) pairs."""
    lines = []
    for text, release in requested:
        options = options_file(settled(release), "mediapipe/framework/calculator.proto")
        lines.append(json.dumps({"text": text, "options": base64.b64encode(options).decode()}))
    return ask(mediapipe, lines="\n".join(lines) + "\n").splitlines()


def settled(release: str) -> Release:
    found = find_release(release)
    assert isinstance(found, Release)
    return found


def test_our_graph_has_every_field_of_mediapipe_and_no_other(mediapipe: Path) -> None:
    from google.protobuf import descriptor_pb2

    theirs: dict[str, Any] = json.loads(ask(mediapipe, "--describe"))
    from tests.engines.ovms.oracle import describe

    ours: dict[str, Any] = {}
    for message in descriptor_pb2.FileDescriptorProto.FromString(graph_file(settled("2025.4.1"))).message_type:
        describe(message, "", ours)
    assert set(ours) == set(table("graph")["messages"])
    for name, mine in ours.items():
        assert mine["fields"] == theirs[name]["fields"], name
        assert mine["extendable"] == theirs[name]["extendable"], name
        assert mine["extensions"] == theirs[name]["extensions"], name


def test_both_take_every_graph_that_we_write(mediapipe: Path) -> None:
    requested = [(graph_of(task, SETTINGS[task], release), release) for task in SETTINGS for release in RELEASES]
    requested += [(CORRECTED, release) for release in RELEASES]
    assert set(verdicts(mediapipe, requested)) == {"ok"}


BROKEN = [
    *(with_options(MODEL + options) for options in (
        "block_size: 1", "cache_size: 1 cache_size: 2", "plugin_config { key: 'a' }", "pipeline_type: CB",
        "chat_template_mode: JINJA", "draft_eagle3_mode: true", "cache_size: -1", "cache_size: '1'", "device: GPU",
        "enable_prefix_caching: 2", "cache_eviction_config { }", "best_of_limit: 4294967296", "cache_size: [1]",
        "cache_eviction_config { start_size: 1 recent_size: 1 max_cache_size: 010 }", "cache_size: 0x1F",
        "cache_size: 08", "sparse_attention_config { xattention_threshold: 1e-3f }", "enable_prefix_caching: t",
        "sparse_attention_config { mode: 1 }", "sparse_attention_config { mode: 7 }", "tool_parser: 'a' 'b'",
        "cache_interval_multiplier: 1", "response_parser: 'x'", "device: 'C\\x50\\125'", "cache_size: 1.0",
    )),
    with_options("cache_size: 1"),
    with_options(MODEL, message="LLMNodeOptions"),
    HANDMADE,
    CORRECTED + "}",
    CORRECTED.rstrip()[:-1],
    CORRECTED.replace("SyncSetInputStreamHandlerOptions", "NoOptions"),
    CORRECTED.replace("back_edge: true", "back_edge: maybe"),
    CORRECTED.replace("node {", "node: <").replace("  }\n}\n", "  }\n>\n"),
    CORRECTED.replace("LLMExecutor\"", "LLMExecutor"),
    '{"node": []}',
    "node { node_options { } }",
    "node { node_options { type_url: 'a' } }",
    "num_threads: 3; max_queue_size: 1, input_stream: ['a', 'b'] executor { name: 'x' type: 'y' }",
    "profiler_config { trace_enabled: true trace_event_types_disabled: [1, 2] }",
]  # fmt: skip


@pytest.mark.parametrize("release", ["2025.2", "2025.4.1", "2026.3"])
def test_our_verdict_is_theirs_on_good_and_broken_graphs(mediapipe: Path, release: str) -> None:
    reported = verdicts(mediapipe, [(text, release) for text in BROKEN])
    for text, theirs in zip(BROKEN, reported, strict=True):
        faults = [fault for fault in check_graph(text, release) if fault.rule in PARSED or "required" in fault.message]
        refused = [fault for fault in faults if "options need the name" not in fault.message]
        assert bool(refused) == (theirs != "ok"), (text, theirs, refused)
        assert (parse_problem(text, settled(release)) is None) == (theirs == "ok"), (text, theirs)


def test_what_we_find_ourselves_leaves_nothing_for_the_parser_to_find() -> None:
    """The real parser runs over all that is left of a text; its own words would show that we missed something."""
    for text in BROKEN:
        assert [fault for fault in check_graph(text, "2025.4.1") if "text parser refuses" in fault.message] == []


def test_the_options_file_stands_on_any_graph_file() -> None:
    assert GRAPH_FILE.encode() in options_file(settled("2026.3"), GRAPH_FILE)
    assert len(catalogue(settled("2026.3")).messages) > len(catalogue(settled("2025.2")).messages)
