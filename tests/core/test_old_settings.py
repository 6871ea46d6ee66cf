"""Settings that people really wrote down and ran, and that can never have worked: each is told, with what to do."""

from __future__ import annotations

import pytest

from tests.making import compilation, problems

GPU = "host: gpu-12gb\ngpu: {count: 1}\n"
EIGHT = "host: gpu-8x\ngpu: {count: 8}\n"
INTEL = "model: qwen25-vl-7b\nhost: intel-igpu\ngpu: {count: 1}\nimage: openvino/model_server:2025.4.1-gpu\n"
SEEN = "args.port: mmcompose writes this flag itself (remove it here)"

WRONG = [
    (
        f"model: deepseek-ocr-2\n{GPU}args: {{limit_mm_per_prompt: 'image=1'}}\n",
        (
            "args.limit_mm_per_prompt: is not valid JSON: expecting value at character 1"
            " (key=value is no longer read: write {image: 1})"
        ),
    ),
    (
        f"model: deepseek-ocr-2\n{GPU}args: {{disable_log_requests: true}}\n",
        (
            "args.disable_log_requests: was removed in vLLM 0.17.0"
            " (request logging is off by default since 0.10.1: drop it)"
        ),
    ),
    (
        f"model: glm-ocr\n{GPU}args: {{num_scheduler_steps: 8}}\n",
        (
            "args.num_scheduler_steps: was removed in vLLM 0.10.1 (V0 multi-step scheduling is gone: drop it;"
            " async_scheduling is its nearest relative)"
        ),
    ),
    (f"model: glm-ocr\n{GPU}version: v0.8.0\n", "version: v0.8.0 is too old, 0.16.0 is needed"),
    (f"model: glm-ocr\n{GPU}version: v0.12.0\n", "version: v0.12.0 is too old, 0.16.0 is needed"),
    (f"model: glm-ocr\n{GPU}version: v0.16.0\n", "warning: version: v0.16.0 may be too old, it is certain from 0.24.0"),
    (f"model: deepseek-ocr-2\n{GPU}version: v0.12.0\n", "version: v0.12.0 is too old, 0.16.0 is needed"),
    (
        f"model: glm-45-air\nbackend: ik_llama\nversion: b4521\n{EIGHT}args: {{n_gpu_layers: 999}}\n",
        "version: b4521 is not a commit of ik_llama.cpp (it has no release tags",
    ),
    (
        f"model: qwen3-32b\nbackend: trtllm\nversion: '0.18.0'\n{EIGHT}",
        "warning: version: 0.18.0 may be too old, it is certain from 1.0.0 on",
    ),
    (f"{INTEL}args: {{port: 8000}}\n", SEEN),
    (
        f"{INTEL}graph: {{options: {{cache_size: 32}}}}\n",
        "graph.options.cache_size: 32 GB of cache do not fit in the host's 32 GiB of memory",
    ),
    (
        f"{INTEL}graph: {{options: {{block_size: 32}}}}\n",
        "graph.options.block_size: removed in 2025.0 (drop the line, the server chooses the block size)",
    ),
    (
        f"{INTEL}graph: {{options: {{plugin_config: {{CACHE_DIR: /models/cache}}}}}}\n",
        "graph.options.plugin_config: CACHE_DIR /models/cache lies on /models, which is mounted read-only",
    ),
    (
        f"{INTEL}graph: {{options: {{plugin_config: {{CACHE_DIR: /ov_cache}}}}}}\n",
        "graph.options.plugin_config: CACHE_DIR /ov_cache cannot be written to, only /cache, /tmp",
    ),
    (
        f"{INTEL}graph: {{metrics: [ovms_streams, ovms_stream]}}\n",
        "graph.metrics[1]: the server has no metric 'ovms_stream' (did you mean ovms_streams?)",
    ),
    (
        f"{INTEL.replace('2025.4.1-gpu', 'latest-gpu')}",
        (
            "graph.options: the tag of openvino/model_server:latest-gpu names no release,"
            " and each has options of its own (set engine_version, such as 2025.4.1)"
        ),
    ),
    (
        f"model: glm-46v-fp8\nbackend: trtllm\nversion: 1.0.0\n{EIGHT}args: {{max_seq_len: 65536}}\n",
        "model: TensorRT-LLM 1.0.0 names none of the GLM models that see in its table of supported models",
    ),
]

RIGHT = [
    f"""model: glm-ocr\n{GPU}args:
  max_num_seqs: 16
  max_num_batched_tokens: 8192
  kv_cache_dtype: fp8
  kv_offloading_backend: native
  kv_offloading_size: 62
  enable_prefix_caching: false
  mm_processor_cache_gb: 0
""",
    f"""model: deepseek-ocr-2\nruntime: max_performance\n{GPU}args:
  trust_remote_code: true
  limit_mm_per_prompt: {{image: 1}}
  enable_prefix_caching: false
  async_scheduling: true
""",
    f"model: glm-46v-fp8\nversion: v0.24.0\n{EIGHT}args: {{gpu_memory_utilization: 0.95, max_model_len: 65536}}\n",
    f"model: glm-45-air\nversion: b4521\n{EIGHT}args: {{n_gpu_layers: 999}}\n",
    f"model: glm-45-air\nbackend: ik_llama\n{EIGHT}args: {{n_gpu_layers: 999}}\n",
    f"model: qwen3-32b\nbackend: trtllm\nversion: 1.0.0\n{EIGHT}args: {{max_seq_len: 32768}}\n",
    f"""{INTEL}ports: {{api: 8002}}\naliases: [ovms-vlm]\ngraph:
  metrics: [ovms_streams]
  options: {{max_num_seqs: 1, max_num_batched_tokens: 256, enable_prefix_caching: true, device: GPU}}
""",
]


@pytest.mark.parametrize(("text", "printed"), WRONG)
def test_what_can_never_work_is_reported(text: str, printed: str) -> None:
    found = problems(compilation({"profiles/job.yaml": text}))
    assert any(printed in problem for problem in found), found


@pytest.mark.parametrize("text", RIGHT)
def test_what_was_meant_can_be_reported(text: str) -> None:
    assert problems(compilation({"profiles/job.yaml": text})) == []


def test_a_model_that_an_image_was_mended_for_can_be_allowed() -> None:
    text = f"model: glm-ocr\n{GPU}image: mine/vllm:v0.16.0\nneeds: null\n"
    assert problems(compilation({"profiles/job.yaml": text})) == []
