"""The comparable job of other tools: N reviewed files out of one shared base and N small differences."""

from __future__ import annotations

import importlib.util
import json
import shutil
import sys
from pathlib import Path
from typing import NamedTuple

KUSTOMIZE_BASE = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: engine}
spec:
  replicas: 1
  selector: {matchLabels: {app: engine}}
  template:
    metadata: {labels: {app: engine}}
    spec:
      containers:
        - name: engine
          image: vllm/vllm-openai:v0.24.0
          args: ["--model", "zai-org/GLM-OCR", "--max-num-batched-tokens", "8192", "--max-num-seqs", "16"]
          env: [{name: VLLM_NO_USAGE_STATS, value: "1"}]
          ports: [{containerPort: 8000}]
          resources: {limits: {memory: 32Gi}}
          securityContext: {readOnlyRootFilesystem: true, allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
"""

JSONNET = """\
local engine(n) = {
  name: 'synthetic-%04d' % n,
  services: {
    engine: {
      image: 'vllm/vllm-openai:v0.24.0',
      command: ['--model', 'zai-org/GLM-OCR', '--max-num-seqs', std.toString(4 + n % 4)],
      environment: { VLLM_NO_USAGE_STATS: '1', PROFILE: std.toString(n) },
      ports: ['127.0.0.1:%d:8000' % (20000 + n)],
      read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'], pids_limit: 4096, mem_limit: '32g',
      healthcheck: { test: ['CMD', 'curl', '-f', 'http://localhost:8000/health'], start_period: '10m' },
    },
  },
};
{ ['synthetic-%04d.json' % n]: engine(n) for n in std.range(0, COUNT - 1) }
"""


class Rival(NamedTuple):
    title: str
    command: tuple[str, ...]
    missing: str = ""


def rivals(folder: Path, count: int) -> list[Rival]:
    """Writes each rival's input below `folder`. For one that is not installed, it returns the missing part."""
    return [
        kustomize(folder / "kustomize", count),
        jsonnet(folder / "jsonnet", count),
        compose(folder / "compose", count),
    ]


def kustomize(folder: Path, count: int) -> Rival:
    title = "kubectl kustomize (a base, N overlays, one stream)"
    program = next((found for found in ("kustomize", "kubectl") if shutil.which(found)), None)
    if program is None:
        return Rival(title, (), "kubectl or kustomize")
    (folder / "base").mkdir(parents=True)
    (folder / "base" / "kustomization.yaml").write_text("resources: [deployment.yaml]\n")
    (folder / "base" / "deployment.yaml").write_text(KUSTOMIZE_BASE)
    for number in range(count):
        overlay = folder / f"synthetic-{number:04d}"
        overlay.mkdir()
        patch = [{"op": "replace", "path": "/spec/template/spec/containers/0/args/5", "value": str(4 + number % 4)}]
        overlay.joinpath("kustomization.yaml").write_text(
            f"namePrefix: synthetic-{number:04d}-\nresources: [../base]\n"
            f"patches: [{{target: {{kind: Deployment}}, patch: '{json.dumps(patch)}'}}]\n"
        )
    everything = ", ".join(f"./synthetic-{number:04d}" for number in range(count))
    (folder / "kustomization.yaml").write_text(f"resources: [{everything}]\n")
    verb = "build" if program == "kustomize" else "kustomize"
    return Rival(title, (program, verb, str(folder)))


def jsonnet(folder: Path, count: int) -> Rival:
    title = "jsonnet (one function, N JSON files: its YAML is ten times slower)"
    folder.mkdir(parents=True)
    source, out = folder / "all.jsonnet", folder / "out"
    source.write_text(JSONNET.replace("COUNT", str(count)))
    out.mkdir()
    program = shutil.which("jsonnet")
    if program:
        return Rival(title, (program, "--multi", str(out), str(source)))
    if importlib.util.find_spec("_jsonnet"):
        evaluate = (
            "import _jsonnet, json, pathlib, sys; files = json.loads(_jsonnet.evaluate_file(sys.argv[1])); "
            "[pathlib.Path(sys.argv[2], name).write_text(json.dumps(text)) for name, text in files.items()]"
        )
        return Rival(f"{title}, as a Python module", (sys.executable, "-c", evaluate, str(source), str(out)))
    return Rival(title, (), "jsonnet")


def compose(folder: Path, count: int) -> Rival:
    title = "docker compose config -q (one file, N services)"
    folder.mkdir(parents=True)
    services = {
        f"synthetic-{number:04d}": {
            "image": "vllm/vllm-openai:v0.24.0",
            "command": ["--model", "zai-org/GLM-OCR", "--max-num-seqs", str(4 + number % 4)],
            "environment": {"VLLM_NO_USAGE_STATS": "1"},
            "ports": [f"127.0.0.1:{20000 + number}:8000"],
            "read_only": True,
            "cap_drop": ["ALL"],
            "security_opt": ["no-new-privileges:true"],
            "pids_limit": 4096,
            "mem_limit": "32g",
            "healthcheck": {"test": ["CMD", "curl", "-f", "http://localhost:8000/health"], "start_period": "10m"},
        }
        for number in range(count)
    }
    file = folder / "compose.yaml"
    file.write_text(json.dumps({"name": "synthetic", "services": services}, indent=2))  # JSON is YAML
    beside = Path(sys.executable).parent / "docker-compose"
    if shutil.which("docker"):
        return Rival(title, ("docker", "compose", "-f", str(file), "config", "-q"))
    if beside.exists():
        return Rival(title, (str(beside), "-f", str(file), "config", "-q"))
    return Rival(title, (), "docker compose")
