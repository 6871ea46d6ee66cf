"""vLLM itself, on processors: brought up from rendered files, asked, measured by our client and by its own."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.heavy.vllm import image

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.bed.engine import Engine
    from tests.deploy.playground import Answer, Playground

pytestmark = [pytest.mark.docker, pytest.mark.heavy]

ROOT = Path(__file__).parents[2]
PROFILE = """
    backend: vllm-cpu
    weights: {path: models/smollm2, format: safetensors}
    served_name: smollm2
    args: {enforce_eager: true, max_model_len: 2048, max_num_seqs: 8}
    env: {VLLM_CPU_KVCACHE_SPACE: "1", VLLM_CPU_OMP_THREADS_BIND: nobind, HF_HUB_OFFLINE: "1"}
    resources: {memory: 6g, shm_size: 1g}
    bench: [load, vllm-bench]
"""


@pytest.fixture
def vllm(docker: Engine, play: Playground) -> Iterator[Playground]:
    """A project whose own backend is the shipped one of vLLM with another image: a layer, and a template."""
    image.ensure(docker)
    backend = yaml.safe_load((ROOT / "profiles/backends/vllm.yaml").read_text())
    for key in ("builds", "gpu", "derived", "why"):
        del backend[key]
    name, _, version = image.TAG.partition(":")
    backend |= {"accelerators": ["cpu"], "images": {"cpu": f"{name}:{{version}}"}, "version": version}
    play.project.write(json.dumps(backend), "profiles/backends/vllm-cpu.yaml")
    shutil.copytree(ROOT / "templates/vllm", play.folder / "templates/vllm-cpu")
    shutil.copytree(image.smollm2(docker), play.folder / "models/smollm2")
    yield play.profile("chat", PROFILE).render()
    play.run("stop-all")


def measured(play: Playground, *arguments: str) -> dict[str, Any]:
    answer = play.run("bench", "run", "chat", *arguments, timeout=400)
    assert answer.code == 0, answer
    folder = next(line for line in answer.out.splitlines() if line.startswith("/"))
    result: dict[str, Any] = json.loads((Path(folder) / "result.json").read_text())
    return result


def test_it_answers_as_it_was_rendered_and_both_clients_measure_it(vllm: Playground) -> None:
    answer = vllm.run("test", "chat", "--keep", timeout=400)
    assert answer.code == 0, answer
    assert "Paris" in answer.out
    seen = json.loads(vllm.engine.docker("inspect", f"{vllm.name}-chat"))[0]
    assert (seen["Config"]["User"], seen["HostConfig"]["ReadonlyRootfs"]) == ("1000:1000", True)
    log = vllm.engine.docker("logs", f"{vllm.name}-chat")
    assert not re.search(r"PermissionError|Read-only file system", log), log

    ours = measured(vllm, "load", "--", "--concurrency", "2", "--requests", "4", "--output-tokens", "16")
    theirs = measured(vllm, "vllm-bench", "--", "--num-prompts", "4", "--max-concurrency", "2")
    for result in (ours, theirs):
        [point] = result["points"]
        counts = point["requests"]
        assert (counts["ok"], counts["failed"]) == (4, 0), point


@pytest.mark.parametrize(
    ("value", "cause", "printed"),
    [
        ("args.max_model_len=9999", "context-too-long", "the model reads 8192 tokens at most"),
        ("args.kv_offloading_size=1", "not-on-this-machine", "CPU Offloading is currently only supported on"),
        ("resources.memory=900m", "host-memory", "the container ran out of memory"),
    ],
    ids=["context", "machine", "memory"],
)
def test_why_it_gives_up_is_understood(vllm: Playground, value: str, cause: str, printed: str) -> None:
    answer: Answer = vllm.up("chat", "--set", value, timeout=300)
    assert (answer.code, answer.failure["cause"]) == (4, cause), answer
    assert printed in answer.failure["text"]
