"""Weights and KV cache from the engines' own words."""

from __future__ import annotations

import pytest

from mmcompose.bench.vram.engine_log import figures
from mmcompose.engines.known import folder
from mmcompose.engines.known.engine import known

VLLM = """\
(EngineCore) INFO 05:12:01 [gpu_model_runner.py:2653] Model loading took 2.1 GiB memory and 4.532 seconds
(EngineCore) INFO 05:12:09 [gpu_worker.py:298] Available KV cache memory: 6.5 GiB
(EngineCore) INFO 05:12:09 [kv_cache_utils.py:1087] GPU KV cache size: 121,712 tokens
(EngineCore) INFO 05:12:09 [kv_cache_utils.py:1091] Maximum concurrency for 8,192 tokens per request: 14.86x
(EngineCore) INFO 05:12:14 [gpu_model_runner.py:3480] Graph capturing finished in 5 secs, took 0.5 GiB
(EngineCore) INFO 05:12:14 [core.py:210] init engine (profile, create kv cache, warmup model) took 12.75 seconds
"""
SGLANG = """\
[05:12:01] Load weight end. elapsed=3.50 s, type=Glm4, dtype=torch.bfloat16, avail mem=70.10 GB, mem usage=8.00 GB.
[2026-11-20 05:12:03] KV Cache is allocated. #tokens: 400000, K size: 12.00 GB, V size: 12.00 GB
[05:12:08] Capture decode CUDA graph end. elapsed=4.20 s, mem usage=0.50 GB, avail mem=20.10 GB.
"""
LLAMA = """\
load_tensors:   CPU_Mapped model buffer size =   182.57 MiB
load_tensors:        CUDA0 model buffer size =   934.69 MiB
load_tensors:        CUDA1 model buffer size =    65.31 MiB
llama_kv_cache:      CUDA0 KV buffer size =   224.00 MiB
llama_context:      CUDA0 compute buffer size =   299.75 MiB
llama_context:  CUDA_Host compute buffer size =    16.01 MiB
"""
CASES = [
    (
        "vllm",
        VLLM,
        {
            "weights_mib": 2150.4,
            "weights_s": 4.532,
            "kv_cache_mib": 6656.0,
            "kv_cache_tokens": 121712.0,
            "max_concurrency": 14.86,
            "graphs_mib": 512.0,
            "engine_init_s": 12.75,
        },
    ),
    (
        "sglang",
        SGLANG,
        {
            "weights_mib": 8192.0,
            "weights_s": 3.5,
            "kv_cache_mib": 24576.0,
            "kv_cache_tokens": 400000.0,
            "graphs_mib": 512.0,
        },
    ),
    (
        "llamacpp",
        LLAMA,
        {"weights_mib": 1000.0, "host_weights_mib": 182.57, "kv_cache_mib": 224.0, "compute_mib": 299.75},
    ),
]


@pytest.mark.parametrize(("backend", "text", "reported"), CASES, ids=[row[0] for row in CASES])
def test_an_engine_tells_its_weights_and_its_cache(backend: str, text: str, reported: dict[str, float]) -> None:
    assert figures(known(backend), text.splitlines()) == pytest.approx(reported)


def test_the_ranks_of_one_engine_sum_up() -> None:
    lines = [f"(Worker_TP{rank}) Model loading took 8.25 GiB memory and 20.1 seconds" for rank in range(4)]
    assert figures(known("vllm"), lines)["weights_mib"] == 4 * 8.25 * 1024


def test_an_older_vllm_has_no_choice_between() -> None:
    assert figures(known("vllm"), ["Model loading took 1.5 GiB and 2.25 seconds"]) == {
        "weights_mib": 1536.0,
        "weights_s": 2.25,
    }


def test_on_the_cpu_nothing_is_on_a_gpu() -> None:
    lines = ["load_tensors:          CPU model buffer size =    98.00 MiB", "CPU KV buffer size = 6.00 MiB"]
    assert figures(known("llamacpp"), lines) == {"host_weights_mib": 98.0, "host_kv_cache_mib": 6.0}


@pytest.mark.parametrize("backend", [*folder.having("engine.yaml"), "rapidocr", ""])
def test_a_log_that_says_nothing_of_it_gives_nothing(backend: str) -> None:
    hostile = ["", "Model loading took a while", "GPU KV cache size: many tokens", "x" * 1_000_000, "\x00\ufffd"]
    assert figures(known(backend), hostile) == {}
