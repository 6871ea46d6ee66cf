"""What OpenVINO Model Server does with --config_path: it really reads config.json and every graph that this names."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mmcompose.engines.ovms.config.config import check_config
from mmcompose.engines.ovms.graph.graph import check_graph

from .life import die, say

if TYPE_CHECKING:
    from mmcompose.model import Fault

    from .line import Line

PARSED = "Trying to parse mediapipe graph definition: {} failed"


@dataclass
class Servables:
    """Names in the order of the file, and why the graph of one cannot be loaded."""

    names: list[str] = field(default_factory=list)
    faults: dict[str, str] = field(default_factory=dict)
    metrics: list[str] = field(default_factory=list)

    def state(self, name: str, *, loaded: bool) -> str:
        if name in self.faults:
            return "LOADING_PRECONDITION_FAILED"
        return "AVAILABLE" if loaded else "LOADING"


def read(line: Line, release: str) -> Servables:
    """A broken config ends the server; a broken graph leaves it running with that graph not available."""
    path = line.first("config_path")
    if not path:
        return Servables([line.first("model_name") or "model"])
    try:
        text = Path(path).read_text()
    except OSError as error:
        die(f"[modelmanager][error] Configuration file doesn't exist or cannot be read: {path} ({error.strerror})", 1)
        raise
    rest_port = int(line.first("rest_port") or 0)
    errors = _errors(check_config(text, release, rest_port=rest_port))
    if errors:
        die(f"[modelmanager][error] Configuration file is invalid {path}\n{errors}\nCouldn't load config", 1)
    config: dict[str, Any] = json.loads(text)
    found = Servables(metrics=config.get("monitoring", {}).get("metrics", {}).get("metrics_list", []))
    entries = [item["config"] for item in config["model_config_list"]] + config.get("mediapipe_config_list", [])
    for entry in entries:
        found.names.append(entry["name"])
        if fault := _graph_fault(entry, release):
            found.faults[entry["name"]] = fault
            say(fault)
    return found


def _graph_fault(entry: dict[str, str], release: str) -> str:
    folder = Path(entry.get("base_path", ""))
    graph = Path(entry.get("graph_path") or folder / "graph.pbtxt")
    if not folder.is_dir():
        return f"[mediapipe][error] The directory {folder} does not exist"
    try:
        text = graph.read_text()
    except OSError as error:
        return f"[mediapipe][error] Failed to open graph definition {graph}: {error.strerror}"
    errors = _errors(check_graph(text, release))
    if errors:
        return f"[mediapipe][error] {PARSED.format(entry['name'])}\nError parsing text-format {errors}"
    return _cache_fault(text)


def _cache_fault(text: str) -> str:
    """The plug-in writes its compiled kernels where the graph says."""
    line = next((line.partition(":")[2].strip() for line in text.splitlines() if "plugin_config:" in line), "")
    if not line:
        return ""
    folder = Path(json.loads(json.loads(line)).get("CACHE_DIR") or os.devnull)
    try:
        if folder != Path(os.devnull):
            (folder / "stand-in.blob").write_text("written by a test double\n")
    except OSError as error:
        return f"[mediapipe][error] LLM node initialization failed: {error}"
    return ""


def _errors(faults: list[Fault]) -> str:
    return "\n".join(str(fault) for fault in faults if fault.severity == "error")
