"""What a reader is told before the figures: how they were read, who else was there, and what they mean."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from mmcompose.bench.report.vram import Measured
from mmcompose.bench.vram.engine_log import figures, known_as
from mmcompose.bench.vram.running import VramJob, notes
from mmcompose.deploy.machine.gpu_memory import Unread
from tests.bench.vram.sample import model
from tests.making import compilation, profile

NVML: Any = SimpleNamespace(source="nvml", why="")
SMI: Any = SimpleNamespace(source="nvidia-smi", why="")
CHAT = "model: qwen-small\nhost: gpu-12gb\n"
OCR = "model: glm-ocr\nbackend: vllm\nhost: gpu-12gb\nimage: vllm/vllm-openai:v0.24.0\n"
ALONE = {"shared": False, "samples": 9}
LOGGED = {"engine_log": {"job": {"weights_mib": 1.0}}}

CASES: dict[str, tuple[str, Any, Measured, list[str]]] = {
    "nothing to tell": (CHAT, NVML, model(more={**ALONE, **LOGGED}), []),
    "not readable": (CHAT, Unread("no driver"), model(more=LOGGED), ["GPU memory could not be read: no driver"]),
    "by nvidia-smi": (CHAT, SMI, model(more={**ALONE, **LOGGED}), ["memory was read by nvidia-smi"]),
    "shared": (CHAT, NVML, model(more={**ALONE, **LOGGED, "shared": True}), ["others were on the GPU while m was"]),
    "perhaps shared": (
        CHAT,
        NVML,
        model(more={**LOGGED, "shared": None, "samples": 9}),
        ["it is not known whether others"],
    ),
    "a share of the card": (OCR, NVML, model(more={**ALONE, **LOGGED}), ["job: vllm takes the share of the card"]),
    "a log without sizes": (
        CHAT,
        NVML,
        model(more={**ALONE, "engine_log": {"job": {}}}),
        ["job: the log of llamacpp says nothing about weights and KV cache (recent releases of llama.cpp print sizes"],
    ),
    "a failure has no log to speak of": (CHAT, NVML, model(error="e", more={**ALONE, "engine_log": {"job": {}}}), []),
    "a context beside the model": (
        CHAT,
        NVML,
        model(more={**ALONE, **LOGGED, "context_mib": 412.0}),
        ["each process takes about 412 MB more for its CUDA context"],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_reader_is_reported(case: str) -> None:
    text, reader, one, wanted = CASES[case]
    nothing: Any = None
    printed = notes(VramJob(nothing, nothing, nothing, profile(text), reader, nothing), [one])
    assert len(printed) == len(wanted), printed
    assert all(arguments in line for arguments, line in zip(wanted, printed, strict=True))


OWN = {
    "profiles/backends/mine.yaml": """
        title: Mine
        history: vllm
        accelerators: [nvidia]
        image: mine:1
        listen: {api: 8000}
    """,
    "profiles/job.yaml": """
        backend: mine
        model: glm-ocr
        host: gpu-12gb
        version: 0.24.0
        gpu: {count: 1}
    """,
}


def test_somebodys_own_backend_on_known_flags_is_known() -> None:
    """It takes vLLM's flags, so it is vLLM: it fills a share of the card, and its log has vLLM's words."""
    job = compilation(OWN).profiles["job"]
    nothing: Any = None
    [share, silent] = notes(
        VramJob(nothing, nothing, nothing, job, NVML, nothing), [model(more={**ALONE, "engine_log": {"job": {}}})]
    )
    assert share.startswith("job: mine takes the share of the card")
    assert silent == "job: the log of mine says nothing about weights and KV cache"
    assert figures(known_as(job.engines["job"]), ["Model loading took 1.5 GiB and 2.25 seconds"])
