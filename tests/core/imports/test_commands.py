"""Command lines, whoever wrote them down: `docker run`, llama-swap and recipes share one mapping."""

from __future__ import annotations

import pytest

from mmcompose.core.imports.result import Decision
from tests.core.imports.importing import from_llama_swap, from_recipe, from_run, only, profile, remarks

RUN = (
    "docker run --runtime nvidia --gpus all -v ~/.cache/huggingface:/root/.cache/huggingface "
    '--env "HUGGING_FACE_HUB_TOKEN=<secret>" -p 8000:8000 --ipc=host vllm/vllm-openai:latest '
    "--model mistralai/Mistral-7B-v0.1 -tp 2 --enforce-eager"
)
SWAP = """\
healthCheckTimeout: 500
macros:
  server: /opt/llama-server --port ${PORT}
  args: "--ctx-size ${size}"
  size: 4096
models:
  "Qwen 7B":
    cmd: |
      ${server} ${args}
      # a comment
      --model /models/qwen.gguf \\
      --no-such 1
      --model-draft /models/small.gguf
    env: ["CUDA_VISIBLE_DEVICES=0"]
    aliases: [gpt-4o-mini]
    ttl: 60
  boxed:
    cmd: docker run --rm -p ${PORT}:8080 -v /mnt:/models ghcr.io/ggml-org/llama.cpp:server-b9603 -m /models/a.gguf
  other:
    cmd: some-server --port ${PORT}
"""
MARKDOWN = """\
# A recipe

```bash
pip install vllm
export TP=2
export VLLM_USE_X=1
vllm serve owner/Model-A --tensor-parallel-size $TP \\
  --max-model-len 4096
```

```python
print("vllm serve not/this")
```

```
vllm serve ... --tool-server demo
docker run --gpus all vllm/vllm-openai:v0.24.0 --model owner/Model-B --bogus
vllm serve owner/Model-A --seed 1
vllm serve owner/Model-A --seed 1
```
"""
RECIPE = """\
meta: {title: Some model, slug: some}
model: {model_id: owner/Some, min_vllm_version: 0.8.5, base_args: [--seed, 1], base_env: {A: 1}}
features:
  tools: {args: [--enable-auto-tool-choice]}
  mtp: {args: [--speculative-config, '{"method": "mtp"}']}
opt_in_features: [mtp]
variants:
  default: {precision: bf16}
  fp8: {model_id: owner/Some-FP8, vram_minimum_gb: 39, extra_args: [--kv-cache-dtype, fp8]}
hardware_overrides: {xpu: {}}
guide: |
  Text
  ```bash
  vllm serve owner/Some --max-model-len 99
  ```
"""


def test_docker_run_becomes_a_profile() -> None:
    made = from_run(RUN)
    assert made.profiles == ["vllm-openai"]
    assert only(made) == {
        "backend": "vllm",
        "weights": {"repo": "mistralai/Mistral-7B-v0.1"},
        "args": {"tensor_parallel_size": 2, "enforce_eager": True},
        "gpu": {"count": "all"},
        "ports": {"api": 8000},
        "secrets": {"hf_token": {"file": "secrets/hf_token", "path_env": "HF_TOKEN_PATH"}},
    }
    assert "docker run:1:43: warning: volumes: ~/.cache/huggingface is not mounted" in remarks(made)
    assert "security.ipc: host is not taken over" in remarks(made)


@pytest.mark.parametrize(
    ("options", "key", "value"),
    [
        ("-it --name my-chat", "args", {"seed": 1}),
        ("--memory 8g --cpus=2.5 --pids-limit 99", "resources", {"memory": "8g", "cpus": 2.5, "pids": 99}),
        ("--shm-size=16g --ulimit memlock=-1", "resources", {"shm_size": "16g", "ulimits": {"memlock": -1}}),
        ("-e A=1 --env B=two", "env", {"A": "1", "B": "two"}),
        (
            "--mount type=bind,src=/data,dst=/x,readonly",
            "mounts",
            [{"source": "/data", "target": "/x", "read_only": True}],
        ),
        ("-v 'C:\\data:/x:ro'", "mounts", [{"source": "C:\\data", "target": "/x", "read_only": True}]),
        ("--restart on-failure:5 --stop-timeout 90", "restart", "on-failure:5"),
        ("-p127.0.0.1:9000:8000", "ports", {"api": 9000}),
        ("--tmpfs /x:rw,size=2g", "tmpfs", {"/x": "2g"}),
        ("--entrypoint vllm", "args", {"seed": 1}),
    ],
)
def test_options_of_docker_have_their_keys(options: str, key: str, value: object) -> None:
    line = "serve owner/name" if "entrypoint" in options else "owner/name"
    assert only(from_run(f"docker run {options} vllm/vllm-openai:v0.24.0 {line} --seed 1")).get(key) == value


@pytest.mark.parametrize(
    ("options", "report"),
    [
        ("--dns 1.1.1.1", "docker run:1:18: warning: --dns: has no key in a profile"),
        ("--no-such-thing", "--no-such-thing: is not known as an option of docker run"),
        ("-e TOKENS_OF_SHELL", "-e: TOKENS_OF_SHELL takes its value from the shell"),
        ("--gpus '\"device=7\"'", ""),
        ("--gpus '\"device=GPU-1\"'", "gpu.devices: the host file has no GPU 'GPU-1'"),
        ("--network web", "--network: the network web is not joined"),
        ("-p 5000-5009:5000-5009", "-p: '5000-5009:5000-5009' is no single port of tcp"),
        ("-v $DATA/x:/x", "DATA: is a variable of the shell, without a value here"),
        ("-e KEY=sk-abcdefgh12345678abcdefgh", "env.KEY: is a secret: the file secrets/key"),
    ],
)
def test_options_without_a_key_are_reported(options: str, report: str) -> None:
    assert report in remarks(from_run(f"docker run {options} vllm/vllm-openai:v0.24.0 owner/name"))


def test_a_path_of_windows_is_reported() -> None:
    made = from_run(r"docker run -v C:\models:/models ghcr.io/ggml-org/llama.cpp:server-b9603 -m /models/a.gguf")
    assert only(made)["weights"] == {"path": "C:\\models/a.gguf"}
    assert "weights.path: C:\\models/a.gguf is a path of Windows" in remarks(made)


def test_a_quantisation_without_a_file_is_reported() -> None:
    made = from_run("docker run ghcr.io/ggml-org/llama.cpp:server-b9603 -hf owner/name-GGUF:Q4_K_M")
    assert only(made)["weights"] == {"repo": "owner/name-GGUF"}
    assert "weights.file: Q4_K_M names no file, which llama.cpp chose itself" in remarks(made)


def test_llama_swap_s_models_become_profiles() -> None:
    made = from_llama_swap(SWAP)
    assert made.profiles == ["qwen-7b", "boxed"]
    assert profile(made, "qwen-7b") == {
        "backend": "llamacpp",
        "weights": {"path": "/models/qwen.gguf"},
        "served_name": "Qwen 7B",
        "args": {"ctx_size": 4096, "no_such": 1, "model_draft": "/models/small.gguf"},
        "gpu": {"count": 1},
        "mounts": [{"source": "/models/small.gguf", "target": "/models/small.gguf", "read_only": True}],
    }
    assert profile(made, "boxed") == {
        "backend": "llamacpp", "weights": {"path": "/mnt/a.gguf"}, "served_name": "boxed",
    }  # fmt: skip


@pytest.mark.parametrize(
    "line",
    [
        "config.yaml:1:1: warning: healthCheckTimeout: the health check leaves time to load",
        "config.yaml:12:7: warning: args.no_such: is not a flag of llama.cpp b9603",
        "config.yaml:15:5: warning: models.Qwen 7B.aliases: an engine of a profile has one served name",
        "config.yaml:16:5: warning: models.Qwen 7B.ttl: a profile stays up until `mmcompose down` or `switch`",
        "config.yaml:19:3: warning: other: is no engine that mmcompose knows",
    ],
)
def test_llama_swap_s_other_keys_are_reported(line: str) -> None:
    assert line in remarks(from_llama_swap(SWAP))


def test_the_commands_of_a_markdown_recipe_become_profiles() -> None:
    made = from_recipe(MARKDOWN)
    assert made.profiles == ["model-a", "model-b", "model-a-2"]
    assert profile(made, "model-a") == {
        "backend": "vllm", "weights": {"repo": "owner/Model-A"}, "args": {"max_model_len": 4096}, "gpu": {"count": 2},
        "env": {"VLLM_USE_X": "1"},
    }  # fmt: skip
    assert profile(made, "model-b")["args"] == {"bogus": True}
    report = remarks(made)
    assert "recipe.md:16:1: warning: the command is cut short, so it is not imported" in report
    assert "recipe.md:17:70: warning: args.bogus: is not a flag of vLLM v0.24.0" in report


def test_the_variants_of_a_recipe_become_profiles() -> None:
    made = from_recipe(RECIPE, "some.yaml")
    assert made.profiles == ["some", "some-fp8", "some-2"]
    assert profile(made, "some-fp8") == {
        "description": "Some model",
        "backend": "vllm",
        "weights": {"repo": "owner/Some-FP8"},
        "args": {"seed": 1, "kv_cache_dtype": "fp8", "enable_auto_tool_choice": True},
        "env": {"A": "1"},
        "needs": {"version": "0.8.5", "reason": "the recipe names it as the first release"},
    }
    assert profile(made, "some-2")["args"] == {"max_model_len": 99}
    assert "# Imported from some.yaml:14:3" in made.files["profiles/some-2.yaml"]
    report = remarks(made)
    assert (
        "some.yaml:5:8: warning: features.mtp: is off unless somebody turns it on" in report or "features.mtp" in report
    )
    assert "variants.fp8.vram_minimum_gb: the memory of all GPUs together" in report
    assert "some.yaml:10:1: warning: hardware_overrides" in report


def test_one_of_several_can_be_chosen_and_named() -> None:
    made = from_recipe(RECIPE, "some.yaml", Decision(only=("some-fp8",), name="chat"))
    assert made.profiles == ["chat"]
