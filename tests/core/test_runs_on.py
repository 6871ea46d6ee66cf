"""A profile says what it needs of a machine, and follows the project's host where it names none."""

from __future__ import annotations

import pytest

from tests.making import SETTINGS, compilation, problems

OCR = "model: glm-ocr\nbackend: vllm\ngpu: {count: 1}\nruns_on: {accelerator: [nvidia], vram: 12g}\n"


def on(host: str, profile: str = OCR) -> list[str]:
    settings = SETTINGS.replace("gpu-12gb", host)
    return problems(compilation({"profiles/job.yaml": profile}, settings=settings))


@pytest.mark.parametrize("host", ["gpu-12gb", "gpu-8x"])
def test_a_profile_follows_the_projects_host(host: str) -> None:
    settings = SETTINGS.replace("gpu-12gb", host)
    made = compilation({"profiles/job.yaml": OCR}, settings=settings)
    assert problems(made) == []
    assert made.profiles["job"].host.name == host


SMALL = "model: qwen-small\nruns_on: "


@pytest.mark.parametrize(
    ("host", "needs", "printed"),
    [
        (
            "cpu",
            "{accelerator: [nvidia, amd]}",
            "runs_on.accelerator: needs an NVIDIA GPU or an AMD GPU; the host is cpu",
        ),
        ("gpu-12gb", "{vram: 24g}", "runs_on.vram: needs 1 GPU with 24g; the host is gpu-12gb"),
        ("gpu-12gb", "{gpus: 2}", "runs_on.gpus: needs 2 GPUs; the host is gpu-12gb"),
        ("gpu-8x", "{gpus: 9, vram: 80g}", "runs_on.vram: needs 9 GPUs with 80g"),
        ("cpu", "{memory: 64g}", "runs_on.memory: needs 64g of memory, the machine has 16g; the host is cpu"),
    ],
)
def test_a_host_that_has_less_is_a_problem_that_names_the_way_out(host: str, needs: str, printed: str) -> None:
    found = on(host, f"{SMALL}{needs}\n")
    assert len(found) == 1
    assert found[0].startswith("profiles/job.yaml:2:1: ")
    assert printed in found[0]
    assert "host: in mmcompose.yaml" in found[0]


@pytest.mark.parametrize("needs", ["{accelerator: [nvidia], gpus: 8, vram: 80g, memory: 1024g}", "null", "{}"])
def test_a_host_that_has_it_is_fine(needs: str) -> None:
    assert on("gpu-8x", f"{SMALL}{needs}\n") == []


def test_what_a_parent_needs_its_heirs_need_too_until_they_say_otherwise() -> None:
    parent = "model: qwen-small\nhost: gpu-8x\nruns_on: {accelerator: [nvidia]}\n"
    heir = "extends: job\nhost: cpu\nports: {api: auto}\n"
    wrong = problems(compilation({"profiles/job.yaml": parent, "profiles/heir.yaml": heir}))
    assert len(wrong) == 1
    assert "runs_on.accelerator" in wrong[0]
    assert problems(compilation({"profiles/job.yaml": parent, "profiles/heir.yaml": f"{heir}runs_on: null\n"})) == []


@pytest.mark.parametrize(
    "needs",
    [
        "model: glm-ocr\nbackend: vllm\ngpu: {count: 1}\n",
        "model: qwen-small\ngpu: {count: 1}\n",
        "model: sam3\nbackend: sam3\ngpu: {count: 1}\n",
    ],
)
def test_a_machine_of_another_kind_is_reported_once_and_at_the_profile(needs: str) -> None:
    found = on("cpu", f"{needs}runs_on: {{accelerator: [nvidia]}}\n")
    assert len(found) == 1, found
    assert "runs_on.accelerator: needs an NVIDIA GPU" in found[0]
    assert "or delete this profile" in found[0]
