"""An engine with simulated NVIDIA GPUs. It shows which devices the engine hands to a container; no GPU work can run.

dockerd offers the driver ``nvidia`` when a program named ``nvidia-container-runtime-hook`` is on its PATH as it
starts. The bed puts a test double there, and names the same devices through CDI.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tests.bed import apart, place
from tests.bed.engine import Engine, program, unpack

HOOK = "nvidia-container-runtime-hook"
DOUBLES = Path(__file__).parent / "doubles"


def name(gpus: int) -> str:
    return f"gpus-{gpus}"


def ensure(gpus: int = 2) -> Engine:
    """The engine with that many simulated GPUs; engines with different numbers live side by side."""
    apart.possible()
    with place.only_one(name(gpus)):
        unpack()
        hooks = install_doubles(gpus)
        swarm = [f"--node-generic-resource=NVIDIA-GPU=simulated-{index}" for index in range(gpus)]
        return apart.ensure(name(gpus), program("dockerd"), ["--cdi-spec-dir", hooks.parent / "cdi", *swarm], [hooks])


def install_doubles(gpus: int) -> Path:
    """The hook and the CDI specification; the engine looks at the hook's name only when it starts."""
    home = place.folder("engines", name(gpus))
    hooks, cdi = place.folder("engines", name(gpus), "hooks"), place.folder("engines", name(gpus), "cdi")
    settings = {"gpus": gpus, "log": str(home / "asked.jsonl"), "nvidia_smi": str(hooks / "nvidia-smi")}
    replace(hooks / "settings.json", json.dumps(settings))
    source = (DOUBLES / "nvidia_hook.py").read_text()
    replace(hooks / HOOK, f"#!{Path(sys.executable).resolve()} -I\n{source}", mode=0o755)
    listing = (DOUBLES / "nvidia-smi.sh").read_text().replace("@ALL@", ",".join(map(str, range(gpus))))
    replace(hooks / "nvidia-smi", listing, mode=0o755)
    replace(cdi / "simulated.json", json.dumps(cdi_specification(gpus, hooks / HOOK)))
    return hooks


def cdi_specification(gpus: int, hook: Path) -> dict[str, object]:
    def device(label: str, indices: range) -> dict[str, object]:
        return {"name": label, "containerEdits": {"env": [f"SIMULATED_GPU_{index}=1" for index in indices]}}

    return {
        "cdiVersion": "0.5.0",
        "kind": "nvidia.com/gpu",
        "devices": [device("all", range(gpus)), *(device(str(i), range(i, i + 1)) for i in range(gpus))],
        "containerEdits": {
            "env": ["NVIDIA_VISIBLE_DEVICES=void"],
            "hooks": [{"hookName": "prestart", "path": str(hook)}],
        },
    }


def replace(path: Path, text: str, mode: int = 0o644) -> None:
    """Write beside and rename: a container may be starting through this very file."""
    half = path.with_name(f".{path.name}.half")
    half.write_text(text)
    half.chmod(mode)
    half.rename(path)


def requested(engine: Engine, container: str) -> dict[str, str]:
    """What the real engine asked the hook for when it last started this container: visible, devices, capabilities."""
    wanted = engine.docker("inspect", "--format", "{{.Id}}", container).strip()
    log = place.folder("engines", engine.name) / "asked.jsonl"
    lines = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
    return next((dict(line) for line in reversed(lines) if line["container"] == wanted), {})
