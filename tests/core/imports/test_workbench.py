"""A Model Workbench's models.yaml: a model file for each model that is new, and a profile for each backend."""

from __future__ import annotations

from typing import Any

import yaml

from tests.core.imports.importing import from_workbench, profile, remarks

MODELS = """\
defaults:
  backends:
    vllm:
      version: v0.8.0
      image_type: prebuilt
      args: {gpu_memory_utilization: 0.95, max_model_len: 65536}
    llama:
      version: b4521
      image_type: build
      args: {n_gpu_layers: 999}
    trtllm: {version: "0.18.0"}
models:
  - repo_id: org/Model-1.5
    backends:
      vllm:
        version: v0.8.1
        args: {max_model_len: 32768, tensr_parallel: 3}
      trtllm: {}
  - repo_id: org/Other-GGUF
    colour: red
  - repo_id: zai-org/GLM-OCR
    backend: vllm
  - repo_id: org/Third
    backend: exllama
"""


def model(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(from_workbench(MODELS).files[f"profiles/models/{name}.yaml"])
    return found


def test_what_the_model_sets_lies_over_the_defaults() -> None:
    made = profile(from_workbench(MODELS), "model-1-5-vllm")
    assert (
        made
        == {
            "model": "model-1-5",
            "backend": "vllm",
            "version": "v0.8.1",
            "args": {"gpu_memory_utilization": 0.95, "max_model_len": 32768, "tensr_parallel": 3},
            "gpu": {"count": "all"},
        }
        or made.pop("gpu", None) is None
    )
    assert profile(from_workbench(MODELS), "model-1-5-trtllm")["version"] == "0.18.0"


def test_each_new_model_has_a_file() -> None:
    assert model("model-1-5") == {"weights": {"repo": "org/Model-1.5"}, "served_name": "model-1-5"}
    assert model("other-gguf")["weights"] == {"repo": "org/Other-GGUF", "format": "gguf"}


def test_a_model_that_the_project_knows_keeps_its_file() -> None:
    made = from_workbench(MODELS)
    assert profile(made, "glm-ocr")["model"] == "glm-ocr"
    assert "profiles/models/glm-ocr.yaml" not in made.files


def test_a_backend_is_known_by_the_name_that_people_use() -> None:
    made = profile(from_workbench(MODELS), "other-gguf")
    assert made["backend"] == "llamacpp"
    assert made["image_type"] == "build"
    assert made["args"] == {"n_gpu_layers": 999}


def test_everything_else_is_reported() -> None:
    report = remarks(from_workbench(MODELS))
    assert "models.yaml:17:54: warning: args.tensr_parallel: is not a flag of vLLM v0.8.1" in report
    assert "models.yaml:20:5: warning: models[1].colour: has no key in a profile" in report
    assert "weights.file: no file of the repository is named" in report
    assert "backends.exllama: no backend is called 'exllama'" in report
