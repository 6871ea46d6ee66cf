"""The shipped profiles start on the machines that they are for: what was found in the engines' sources is in them."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.making import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping

# Architectures and repositories of TensorRT-LLM's table at 1.0.0 ("Supported Models" of its documentation).
TRTLLM = ("Qwen/Qwen3-", "Qwen/Qwen2-", "meta-llama/", "mistralai/", "deepseek-ai/DeepSeek-V3", "nvidia/")


@cache
def services(profile: str) -> Mapping[str, Any]:
    made: Mapping[str, Any] = yaml.safe_load((ROOT / "compose" / f"{profile}.yaml").read_text("utf-8"))["services"]
    return made


def arguments(profile: str) -> list[str]:
    return [str(term) for term in services(profile)[profile]["command"]]


def after(profile: str, option: str) -> str:
    return arguments(profile)[arguments(profile).index(option) + 1]


def test_ocr_offloads_two_thirds_of_its_host() -> None:
    assert after("ocr", "--kv-offloading-size") == "62"
    assert services("ocr")["ocr"]["image"] == "vllm/vllm-openai:v0.24.0"
    assert services("ocr")["ocr"]["shm_size"] == "4g"


@pytest.mark.parametrize("profile", ["ocr", "ocr-deepseek"])
def test_a_desktop_on_the_same_card_keeps_its_part(profile: str) -> None:
    assert after(profile, "--gpu-memory-utilization") == "0.85"


def test_eight_gpus_have_a_whole_vision_tower_each() -> None:
    assert after("workbench-vllm", "--tensor-parallel-size") == "8"
    assert after("workbench-vllm", "--mm-encoder-tp-mode") == "data"


def test_tensorrt_serves_a_model_of_its_table() -> None:
    assert arguments("workbench-trtllm")[0].startswith(TRTLLM)
    assert (
        services("workbench-trtllm")["workbench-trtllm"]["environment"]["TORCHINDUCTOR_CACHE_DIR"] == "/cache/inductor"
    )


@pytest.mark.parametrize("kind", ["sanity", "load", "ocr-sweep", "vllm-bench"])
def test_each_request_of_a_benchmark_says_what_stops_repetition(kind: str) -> None:
    command = services("ocr-deepseek")[f"ocr-deepseek-bench-{kind}"]["command"]
    body = json.loads(command[command.index("--extra-body") + 1])
    assert body["vllm_xargs"]["ngram_size"] == 30
    assert body["skip_special_tokens"] is False


def test_ik_llama_is_built_for_the_cards_of_its_host() -> None:
    build = services("workbench-ik-llama")["workbench-ik-llama"]["build"]
    assert build["args"]["CUDA_DOCKER_ARCH"] == "90-real"


MODELS = {path.stem: yaml.safe_load(path.read_text("utf-8")) for path in (ROOT / "profiles/models").glob("*.yaml")}
PROFILES = {path.stem: yaml.safe_load(path.read_text("utf-8")) for path in (ROOT / "profiles").glob("*.yaml")}
FETCHED = sorted(n for n, p in PROFILES.items() if MODELS.get(p.get("model"), {}).get("weights", {}).get("repo"))


@pytest.mark.parametrize("name", sorted(name for name, model in MODELS.items() if model["weights"].get("repo")))
def test_each_model_tells_how_much_is_fetched(name: str) -> None:
    assert MODELS[name]["weights"]["size"]


@pytest.mark.parametrize("profile", FETCHED)
def test_a_service_fetches_the_weights_before_the_engine_starts_without_the_hub(profile: str) -> None:
    made = services(profile)
    engine, fetching = made[profile], made[f"fetch-{profile}"]
    assert engine["depends_on"][f"fetch-{profile}"] == {"condition": "service_completed_successfully"}
    stores = [mount for mount in engine["volumes"] if mount["target"] == "/store"]
    assert stores == [{"type": "volume", "source": "models", "target": "/store", "read_only": True}]
    assert "/store" in made[f"own-{profile}"]["command"]
    assert not fetching.get("ports")
    offline = engine.get("environment", {}).get("HF_HUB_OFFLINE") == "1"
    assert offline or any(part.startswith("/store/files/") for part in engine["command"])
