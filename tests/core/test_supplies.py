"""The store of weights in compose files: who mounts it how, who gets the token, and what is asked of the hub."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from tests.making import compilation

HOST = "machine: {{accelerator: cpu, memory: 64g, cores: 8, uid: 1000, gid: 1000{}}}\n"
JOB = "model: qwen-small\nhost: own\n"


def made(profile: str = JOB, host: str = "", **more: str) -> dict[str, Any]:
    texts = {"profiles/hosts/own.yaml": HOST.format(host), "profiles/job.yaml": profile}
    compiled = compilation({**texts, **{f"profiles/models/{name}.yaml": text for name, text in more.items()}})
    assert [str(problem) for problem in compiled.problems] == []
    return dict(yaml.safe_load(compiled.artifacts()[0]["compose/job.yaml"]))


def mounted(service: dict[str, Any], target: str) -> list[dict[str, Any]]:
    return [mount for mount in service["volumes"] if mount["target"] == target]


def test_the_folder_of_a_host_is_bound_and_keeps_its_owner() -> None:
    services = made(host=", models: /data/models")["services"]
    (read,) = mounted(services["job"], "/store")
    (written,) = mounted(services["fetch-job"], "/store")
    assert (read["source"], read["read_only"], written["read_only"]) == ("/data/models", True, False)
    assert "/store" not in services["own-job"]["command"]


def test_two_services_of_one_profile_share_one_volume() -> None:
    two = "host: own\nservices:\n  one: {model: qwen-small}\n  two: {model: qwen-small}\n"
    document = made(two)
    assert document["volumes"]["models"] == {"name": "mm-models"}
    assert {name for name in document["services"] if name.startswith("fetch-")} == {"fetch-job-one", "fetch-job-two"}


def test_only_the_service_that_fetches_gets_the_token() -> None:
    gated = "weights: {repo: a/b, file: c.gguf, format: gguf}\nsecrets: {hf_token: {file: secrets/hf_token}}\n"
    services = made("model: gated\nhost: own\n", gated=gated)["services"]
    assert "secrets" not in services["job"]
    assert services["fetch-job"]["secrets"] == [{"source": "job-hf_token", "target": "hf_token"}]
    assert "/run/secrets/hf_token" in services["fetch-job"]["command"]


@pytest.mark.parametrize(
    ("weights", "options"),
    [
        ("{repo: a/b, file: c.gguf}", ["--repo", "a/b", "--include", "c.gguf", "--plain"]),
        (
            "{repo: a/b, file: q/c-00001-of-00003.gguf, revision: v1}",
            ["--repo", "a/b", "--revision", "v1", "--include", "q/c-*-of-00003.gguf", "--plain"],
        ),
        (
            "{repo: a/b, file: c.gguf, include: [c.gguf, mmproj.gguf], exclude: ['*.md']}",
            ["--repo", "a/b", "--include", "c.gguf", "--include", "mmproj.gguf", "--exclude", "*.md", "--plain"],
        ),
    ],
)
def test_the_options_of_a_fetch_follow_from_the_weights(weights: str, options: list[str]) -> None:
    command = made(f"backend: llamacpp\nhost: own\nweights: {weights}\n")["services"]["fetch-job"]["command"]
    assert command[command.index("--repo") :] == options


def test_weights_that_nobody_fetches_are_only_read() -> None:
    services = made(f"{JOB}weights: {{fetch: never}}\n")["services"]
    assert set(services) == {"job", "own-job"}
    assert mounted(services["job"], "/store")[0]["read_only"]


def test_an_engine_that_fetches_itself_has_no_store() -> None:
    document = made(f"{JOB}weights: {{fetch: engine}}\n")
    assert "--hf-repo" in document["services"]["job"]["command"]
    assert set(document["volumes"]) == {"job-cache"}


def test_a_further_repository_that_an_argument_names_is_fetched_too() -> None:
    host = "machine: {accelerator: nvidia, gpus: [{name: Card, vram: 24g}], memory: 64g, cores: 8, uid: 1, gid: 1}\n"
    profile = "model: glm-ocr\nhost: gpu\nargs: {tokenizer: some/Tokenizer, speculative_config: {model: some/Draft}}\n"
    compiled = compilation({"profiles/hosts/gpu.yaml": host, "profiles/job.yaml": profile})
    command = yaml.safe_load(compiled.artifacts()[0]["compose/job.yaml"])["services"]["fetch-job"]["command"]
    assert [command[at + 1] for at, part in enumerate(command) if part == "--also"] == ["some/Tokenizer", "some/Draft"]


def test_a_mirror_and_a_proxy_reach_the_service_that_fetches() -> None:
    profile = f"{JOB}env: {{HTTPS_PROXY: 'http://proxy:3128'}}\n"
    services = made(profile, host=", hub: 'https://mirror.example'")["services"]
    assert services["fetch-job"]["environment"] == {
        "HTTPS_PROXY": "http://proxy:3128",
        "HF_ENDPOINT": "https://mirror.example",
    }


def test_a_backend_without_a_way_to_the_store_refuses_it() -> None:
    backend = "title: Own\naccelerators: [cpu]\nimage: own/image:1\nlisten: {api: 80}\n"
    profile = "backend: mine\nhost: own\nweights: {repo: a/b, fetch: first}\n"
    texts = {"profiles/hosts/own.yaml": HOST.format(""), "profiles/backends/mine.yaml": backend}
    found = [str(problem) for problem in compilation({**texts, "profiles/job.yaml": profile}).problems]
    assert any("weights.fetch: Own cannot read the store of weights" in line for line in found), found


SHA256 = "0" * 64


def test_a_file_at_an_address_is_fetched_by_its_hash_and_loaded_by_its_path() -> None:
    weights = f"{{url: 'https://example.org/models/Small%20One.gguf', sha256: '{SHA256}'}}"
    services = made(f"host: own\nweights: {weights}\n")["services"]
    command = services["fetch-job"]["command"]
    assert command[command.index("--url") :] == [
        "--url", "https://example.org/models/Small%20One.gguf", "--sha256", SHA256,
    ]  # fmt: skip
    assert f"/store/files/url/{SHA256}/Small One.gguf" in services["job"]["command"]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("weights: {url: 'https://example.org/a.gguf'}\n", "weights.url: must have the hash of its file beside it"),
        (
            f"backend: vllm\nweights: {{url: 'https://example.org/a.safetensors', sha256: '{SHA256}'}}\n",
            "weights.url: vLLM loads no file from an address",
        ),
        (f"weights: {{url: 'https://me:secret@example.org/a.gguf', sha256: '{SHA256}'}}\n", "weights.url"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused(text: str, fault: str) -> None:
    host = "machine: {accelerator: nvidia, gpus: [{name: Card, vram: 24g}], memory: 64g, cores: 8, uid: 1, gid: 1}\n"
    found = compilation({"profiles/hosts/gpu.yaml": host, "profiles/job.yaml": f"host: gpu\n{text}"}).problems
    assert any(fault in str(problem) for problem in found), list(map(str, found))
