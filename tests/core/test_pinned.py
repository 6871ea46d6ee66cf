"""How much of a machine an offloaded cache holds, and what of it a machine can carry."""

from __future__ import annotations

import pytest

from mmcompose.core.pinned import GIB, carried, held
from tests.making import compilation, problems, service


@pytest.mark.parametrize(
    ("requested", "layers", "ranks", "least", "most"),
    [(62, 16, 1, 64, 64), (84, 16, 1, 128, 128), (64, None, 1, 64, 128), (200, 24, 4, 256, 384), (62, 12, 1, 64, 96)],
)
def test_pinned_blocks_are_powers_of_two(
    requested: float, layers: int | None, ranks: int, least: int, most: int
) -> None:
    assert held(requested, layers, ranks) == (least * GIB, most * GIB)


def test_nothing_is_carried_where_there_is_no_room() -> None:
    assert carried(8, 0, None, 1, rounded=True) == 0
    assert carried(8, 100 * GIB, None, 1, rounded=True) == 8


def own(memory: str) -> dict[str, str]:
    card = '{name: Card, vram: 24g, compute: "8.9"}'
    text = f"machine: {{accelerator: nvidia, gpus: [{card}], memory: {memory}, cores: 8, uid: 1, gid: 1}}"
    return {"profiles/hosts/own.yaml": text}


@pytest.mark.parametrize("version", ["v0.24.0", "v0.26.0", "v0.27.0", "v0.33.0"])
@pytest.mark.parametrize("model", ["model: glm-ocr", "backend: vllm\nweights: {repo: some/Model}"])
@pytest.mark.parametrize("memory", ["16g", "32g", "64g", "94g", "128g", "256g", "1024g"])
def test_the_runtime_for_one_model_is_safe_on_every_machine(memory: str, model: str, version: str) -> None:
    text = f"{model}\nruntime: max_performance\nhost: own\nversion: {version}\n"
    made = compilation({"profiles/job.yaml": text, **own(memory)})
    assert problems(made) == []
    found = made.profiles["job"].services["job"]
    assert 0 < found.args["kv_offloading_size"] <= int(memory[:-1]) * 0.66


@pytest.mark.parametrize(("memory", "size"), [("32g", 16), ("64g", 32), ("94g", 62), ("128g", 64), ("256g", 128)])
def test_the_size_of_the_offload_follows_the_machine(memory: str, size: int) -> None:
    text = "model: glm-ocr\nruntime: max_performance\nhost: own\n"
    assert (
        compilation({"profiles/job.yaml": text, **own(memory)})
        .profiles["job"]
        .services["job"]
        .args["kv_offloading_size"]
        == size
    )


def test_shared_memory_follows_an_offload_that_lies_in_it() -> None:
    text = "model: glm-ocr\nargs: {kv_offloading_size: 30}\nversion: "
    assert service(f"{text}v0.26.0\n").resources.shm_size == "4g"
    assert service(f"{text}v0.27.0\n").resources.shm_size == "31g"
    assert service("model: glm-ocr\nargs: {kv_offloading_size: 1.5}\nversion: v0.27.0\n").resources.shm_size == "4g"
    assert service(f"{text}v0.27.0\nresources: {{shm_size: 40g}}\n").resources.shm_size == "40g"
