"""What follows from a service's settings and its host, and where it is said to come from."""

from __future__ import annotations

import pytest
import yaml

from tests.making import artifacts, compilation, problems, profile, service

PREBUILT = "image_type: prebuilt)"


@pytest.mark.parametrize(
    ("text", "image"),
    [
        ("model: qwen-small\n", "ghcr.io/ggml-org/llama.cpp:server-b9603"),
        ("model: qwen-small\ngpu: {count: 1}\n", "ghcr.io/ggml-org/llama.cpp:server-cuda-b9603"),
        ("model: qwen-small\nhost: intel-igpu\ngpu: {count: 1}\n", "ghcr.io/ggml-org/llama.cpp:server-intel-b9603"),
        ("model: qwen-small\nhost: gpu-8x\n", "ghcr.io/ggml-org/llama.cpp:server-b9603"),
    ],
)
def test_a_service_that_claims_no_gpu_runs_on_the_cpu_whatever_else_its_host_has(text: str, image: str) -> None:
    assert service(text).image == image


def test_an_engine_that_does_not_run_on_the_host_is_a_problem() -> None:
    found = problems(compilation({"profiles/job.yaml": "model: glm-ocr\nhost: intel-igpu\n"}))
    assert len(found) == 1
    assert "backend: vLLM does not run on intel (it runs on nvidia, amd; this host is intel-igpu)" in found[0]


@pytest.mark.parametrize(("host", "count", "image"), [("gpu-8x", 8, "cuda-b9603"), ("cpu", 0, "server-b9603")])
def test_all_gpus_are_as_many_as_the_host_file_names(host: str, count: int, image: str) -> None:
    found = service(f"model: qwen-small\nhost: {host}\ngpu: {{count: all}}\n")
    assert found.gpu.count == count
    assert (found.image or "").endswith(image)
    assert service("model: glm-ocr\nhost: gpu-8x\ngpu: {count: all}\n").args == {"tensor_parallel_size": 8}


@pytest.mark.parametrize(("vram", "share"), [("4g", 0.33), ("5g", 0.41), ("6g", 0.5), ("12g", 1.0)])
def test_a_share_of_a_card_is_never_more_than_its_claim(vram: str, share: float) -> None:
    text = f"model: glm-ocr\nruntime: multi_model\nhost: gpu-12gb\ngpu: {{count: 1, vram: {vram}}}\n"
    found = compilation({"profiles/job.yaml": text}).profiles["job"].services["job"]
    assert found.args["gpu_memory_utilization"] == share


@pytest.mark.parametrize(
    ("compute", "cache"), [('compute: "8.9"', "fp8"), ('compute: "12.0"', "fp8"), ('compute: "8.6"', None), ("", None)]
)
def test_eight_bit_floats_are_used_where_the_host_file_says_that_the_gpu_has_them(
    compute: str, cache: str | None
) -> None:
    card = f"{{name: Card, vram: 24g, {compute}}}"
    host = f"machine: {{accelerator: nvidia, gpus: [{card}, {card}], memory: 64g, cores: 8, uid: 1, gid: 1}}"
    texts = {
        "profiles/hosts/own.yaml": host,
        "profiles/job.yaml": "model: glm-ocr\nruntime: max_performance\nhost: own\n",
    }
    made = compilation(texts)
    assert problems(made) == []
    assert made.profiles["job"].services["job"].args.get("kv_cache_dtype") == cache


@pytest.mark.parametrize(
    ("text", "memory"),
    [("", "81817m"), ("resources: {memory: 50%}", "48128m"), ("resources: {memory: 3g}", "3g")],
)
def test_a_part_of_the_host_s_memory_becomes_a_size(text: str, memory: str) -> None:
    assert service(f"model: glm-ocr\n{text}\n").resources.memory == memory


def test_a_derived_value_stands_where_the_value_that_decided_it_was_written() -> None:
    tree = profile("model: glm-ocr\nresources: {memory: 50%}\nversion: v0.24.0\n").settings["job"]
    memory, image = tree.at(("resources", "memory")), tree.at(("image",))
    assert memory is not None
    assert image is not None
    assert str(memory.origin) == "profiles/job.yaml:2:21"
    assert str(image.origin) == "profiles/job.yaml:3:10"


@pytest.mark.parametrize(("text", "user"), [("", "1000:1000"), ("security: {user: '7:8'}", "7:8")])
def test_the_user_is_the_host_s_unless_it_is_named(text: str, user: str) -> None:
    assert service(f"model: glm-ocr\n{text}\n").security.user == user


@pytest.mark.parametrize(
    ("text", "context", "args"),
    [
        ("", "https://github.com/vllm-project/vllm.git#v0.24.0", {}),
        ("version: v0.25.0", "https://github.com/vllm-project/vllm.git#v0.25.0", {}),
        ("build: {args: {JOBS: '4'}}", "https://github.com/vllm-project/vllm.git#v0.24.0", {"JOBS": "4"}),
        ("build: {context: null}", "https://github.com/vllm-project/vllm.git#v0.24.0", {}),
        ("build: {context: docker, args: {V: 'x-{version}'}}", "docker", {"V": "x-v0.24.0"}),
    ],
)
def test_a_build_is_the_backend_s_for_this_accelerator_with_what_the_profile_adds(
    text: str, context: str, args: dict[str, str]
) -> None:
    found = service(f"model: glm-ocr\nimage_type: build\n{text}\n")
    assert found.build.context == context
    assert found.build.args == args


def test_a_built_image_has_a_local_name_and_compose_gets_its_build() -> None:
    text = artifacts({"profiles/job.yaml": "model: qwen-small\nimage_type: build\nversion: b9603\n"})[
        "compose/job.yaml"
    ]
    found = yaml.safe_load(text)["services"]["job"]
    assert found["image"] == "mmcompose/llamacpp:cpu-b9603"
    assert found["build"] == {
        "context": "https://github.com/ggml-org/llama.cpp.git#b9603",
        "dockerfile": ".devops/cpu.Dockerfile",
        "target": "server",
    }


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "model: glm-ocr\nimage_type: build\nbuilds: null\n",
            "2:13: image_type: vLLM cannot be built for nvidia (write `build:` with a context, or use " + PREBUILT,
        ),
        (
            "model: glm-ocr\nimage_type: build\nversion: null\n",
            "2:13: version: a build needs the version that it builds (set version: to a tag or a commit)",
        ),
    ],
)
def test_a_build_that_cannot_be_is_a_problem(text: str, problem: str) -> None:
    assert f"profiles/job.yaml:{problem}" in problems(compilation({"profiles/job.yaml": text}))


def test_a_folder_of_the_project_is_seen_from_where_the_compose_file_is() -> None:
    text = artifacts({"profiles/job.yaml": "model: glm-ocr\nimage_type: build\nbuild: {context: docker/vllm}\n"})
    assert yaml.safe_load(text["compose/job.yaml"])["services"]["job"]["build"]["context"] == "../docker/vllm"


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("models/Small.Q4_K_M.gguf", "Small.Q4_K_M"),
        ("models/Large-00001-of-00003.GGUF", "Large"),
    ],
)
def test_a_gguf_path_alone_chooses_its_engine_and_is_served_under_the_name_of_its_file(path: str, name: str) -> None:
    found = service(f"weights: {{path: {path}}}\n")
    assert (found.backend, found.served_name) == ("llamacpp", name)


def test_a_name_that_somebody_gave_stays() -> None:
    assert service("weights: {path: models/x.gguf}\nserved_name: mine\n").served_name == "mine"
    assert service("weights: {path: models/x.gguf}\nserved_name: null\n").served_name is None


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("model: glm-ocr\n", "20m"),  # a service fetches first
        ("model: glm-ocr\nweights: {fetch: engine}\n", "22m"),  # 2.5 GiB at 200 Mbit/s
        ("model: glm-46v-fp8\nbackend: vllm\nhost: gpu-8x\nweights: {fetch: engine}\n", "93m"),
        ("model: glm-ocr\nweights: {size: null, fetch: engine}\n", "20m"),
        ("model: glm-ocr\nweights: {path: models/GLM-OCR}\n", "20m"),  # nothing is fetched
        ("model: glm-ocr\nhealth: {start_period: 5m}\n", "5m"),
        ("model: qwen-small\nhost: cpu\nargs: {}\nweights: {fetch: engine}\n", "11m"),
    ],
)
def test_an_engine_that_fetches_the_weights_itself_has_time_for_it(text: str, time: str) -> None:
    assert service(text).health.start_period == time


@pytest.mark.parametrize(
    ("more", "who"),
    [
        ("", "first"),
        ("weights: {fetch: engine}\n", "engine"),
        ("weights: {fetch: never}\n", "never"),
        ("args: {download_dir: /data/models}\n", "engine"),  # it has a place of its own
        ("env: {HF_HUB_CACHE: /elsewhere}\n", "engine"),
        ("mounts: [{source: hub, target: /cache/huggingface}]\n", "engine"),
        ("mounts: [{source: templates, target: /templates}]\n", "first"),
        ("weights: {path: models/GLM-OCR}\n", None),
    ],
)
def test_who_fetches_the_weights_follows_from_where_they_shall_lie(more: str, who: str | None) -> None:
    assert service(f"model: glm-ocr\n{more}").weights.fetch == who


@pytest.mark.parametrize(("desktop", "share"), [(", desktop: true", 0.85), ("", None)])
def test_a_card_that_drives_a_desktop_too_leaves_it_its_part(desktop: str, share: float | None) -> None:
    card = f"{{name: Card, vram: 12g{desktop}}}"
    host = f"machine: {{accelerator: nvidia, gpus: [{card}], memory: 64g, cores: 8, uid: 1, gid: 1}}"
    made = compilation({"profiles/hosts/own.yaml": host, "profiles/job.yaml": "model: glm-ocr\nhost: own\n"})
    assert problems(made) == []
    assert made.profiles["job"].services["job"].args.get("gpu_memory_utilization") == share


@pytest.mark.parametrize(
    ("computes", "architectures"),
    [(["9.0", "9.0"], "90-real"), (["12.0", "8.9"], "89-real;120-real"), (["8.9", ""], None)],
)
def test_a_build_has_code_for_the_cards_of_its_host(computes: list[str], architectures: str | None) -> None:
    reported = [f', compute: "{compute}"' if compute else "" for compute in computes]
    cards = ", ".join(f"{{name: Card, vram: 80g{each}}}" for each in reported)
    host = f"machine: {{accelerator: nvidia, gpus: [{cards}], memory: 64g, cores: 8, uid: 1, gid: 1}}"
    job = "model: glm-45-air\nbackend: ik_llama\nhost: own\ngpu: {count: all}\n"
    made = compilation({"profiles/hosts/own.yaml": host, "profiles/job.yaml": job})
    assert problems(made) == []
    assert made.profiles["job"].services["job"].build.args.get("CUDA_DOCKER_ARCH") == architectures


def test_a_build_for_the_cpu_names_no_gpus() -> None:
    assert "CUDA_DOCKER_ARCH" not in service("model: glm-45-air\nbackend: ik_llama\nhost: gpu-8x\n").build.args


def test_what_is_taken_back_as_a_whole_does_not_come_back_by_derivation() -> None:
    assert service("model: glm-ocr\nhealth: null\nwaivers: [{rule: S15, reason: tried by hand, until: 2030-01-01}]\n"
                   ).health.start_period is None  # fmt: skip


def test_a_gguf_of_a_repository_without_a_name_is_served_under_that_of_its_file() -> None:
    weights = "weights: {repo: a/b, file: q/small-00001-of-00002.gguf}"
    assert service(f"backend: llamacpp\nhost: cpu\n{weights}\n").served_name == "small"
