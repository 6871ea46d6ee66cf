"""A variable that an engine never reads does nothing, which its author should hear."""

from __future__ import annotations

import pytest

from tests.making import compilation, problems

GRAPH = "graph: {task: text_generation, options: {pipeline_type: VLM_CB}}\n"
OVMS = f"model: qwen25-vl-7b\nbackend: ovms\nhost: intel-igpu\ngpu: {{count: 1}}\n{GRAPH}"
VLLM = "model: glm-ocr\nbackend: vllm\ngpu: {count: 1}\n"


@pytest.mark.parametrize(
    ("profile", "env", "printed"),
    [
        (OVMS, "LOG_LEVEL: INFO", "OpenVINO Model Server does not read this variable (write args.log_level: INFO)"),
        (VLLM, "MAX_MODEL_LEN: '4096'", "vLLM does not read this variable (write args.max_model_len: 4096)"),
        (VLLM, "PORT: '9000'", "vLLM does not read this variable (mmcompose writes --port itself)"),
        ("model: qwen-small\n", "CTX_SIZE: '1'", "llama.cpp does not read this variable (write args.ctx_size: 1)"),
    ],
)
def test_a_variable_named_like_a_flag_is_pointed_out(profile: str, env: str, printed: str) -> None:
    found = problems(compilation({"profiles/job.yaml": f"{profile}env: {{{env}}}\n"}))
    assert len(found) == 1
    assert printed in found[0]


@pytest.mark.parametrize("env", ["HF_TOKEN_PATH: /x", "VLLM_NO_USAGE_STATS: '1'", "max_model_len: '1'", "HF_HOME: /x"])
def test_others_are_not(env: str) -> None:
    assert problems(compilation({"profiles/job.yaml": f"{VLLM}env: {{{env}}}\n"})) == []
