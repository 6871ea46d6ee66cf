"""GPUs, drivers, device files and host files judged from facts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from mmcompose.deploy.docker.command import Reply
from mmcompose.deploy.doctor import gpu_checks as checks
from mmcompose.deploy.doctor.gpu_checks import of_image
from mmcompose.deploy.machine.cards import Read
from mmcompose.deploy.machine.hardware import DeviceFile, Hardware
from mmcompose.model import Card, Machine
from tests.deploy.doctor.knowing import (
    CPU_HOST,
    GIB,
    H100,
    INTEL_HOST,
    NVIDIA_HOST,
    RTX,
    VLLM,
    docker,
    known,
    machine,
    need,
    with_intel,
    with_nvidia,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mmcompose.deploy.doctor.finding import Finding

BROKEN = machine(smi=Reply(9, err="NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver."))
BARE = machine(pci=("0000:01:00.0",))
NODE = DeviceFile("/dev/dri/renderD128", 992, "render")


def printed(findings: Any) -> list[tuple[str, str]]:
    return [(finding.level, finding.what) for finding in findings]


def one(findings: Any) -> Finding:
    (found,) = findings
    return found  # type: ignore[no-any-return]


# --- host files


@pytest.mark.parametrize(
    ("host", "seen", "level", "arguments"),
    [
        (CPU_HOST, machine(), "ok", "cpu can be this machine"),
        (CPU_HOST, machine(memory=8 * GIB), "warning", "16g of memory declared, this machine has 8 GiB"),
        (CPU_HOST, machine(memory=15.5 * GIB), "ok", ""),
        (CPU_HOST, machine(cores=2), "warning", "8 cores declared, this machine has 2"),
        (CPU_HOST, machine(memory=None, cores=None), "ok", ""),
        (NVIDIA_HOST, with_nvidia(RTX), "ok", ""),
        (NVIDIA_HOST, with_nvidia(H100), "ok", ""),
        (NVIDIA_HOST, with_nvidia(replace(RTX, vram=8 * GIB)), "warning", "declared with 12g"),
        (NVIDIA_HOST, with_nvidia(replace(RTX, vram=None)), "ok", ""),
        (NVIDIA_HOST, with_nvidia(RTX, H100), "warning", "1 GPU declared, this machine has 2"),
        (NVIDIA_HOST, machine(), "warning", "it has 1 NVIDIA GPU, this machine has no NVIDIA GPU"),
        (NVIDIA_HOST, BROKEN, "ok", ""),
        (NVIDIA_HOST, BARE, "ok", ""),
        (NVIDIA_HOST._replace(gpus=NVIDIA_HOST.gpus * 8), with_nvidia(RTX), "warning", "has 1 NVIDIA GPU"),
        (NVIDIA_HOST._replace(gpus=(Card("x", "12g", "GPU-1"),)), with_nvidia(RTX), "ok", ""),
        (
            NVIDIA_HOST._replace(gpus=(Card("x", "12g", "GPU-9"),)),
            with_nvidia(RTX),
            "warning",
            "GPU-9, which is not here",
        ),
        (INTEL_HOST, machine(), "warning", "this machine has no Intel GPU"),
        (INTEL_HOST, with_intel(NODE), "ok", ""),
    ],
)
def test_a_host_file_against_the_machine(host: Machine, seen: Hardware, level: str, arguments: str) -> None:
    found = one(checks.hosts(known(need(host=host), machine=seen)))
    assert (found.level, arguments in found.what) == (level, True), found


def test_a_host_file_that_is_not_in_the_project_cannot_be_corrected_there_but_written() -> None:
    facts = known(need(host=CPU_HOST), machine=machine(cores=2))
    assert one(checks.hosts(facts)).fix == "correct profiles/hosts/cpu.yaml, or `mmcompose hosts detect`"
    fix = one(checks.hosts(replace(facts, shipped_hosts=frozenset(("cpu",))))).fix
    assert "`mmcompose hosts detect cpu --write` writes profiles/hosts/cpu.yaml for this machine" in fix
    assert "ships with mmcompose" in fix


def test_another_machine_is_an_error_only_for_a_named_profile() -> None:
    needs = [need("ocr", NVIDIA_HOST), need("chat", CPU_HOST)]
    assert printed(checks.hosts(known(*needs, by_name=False)))[0][0] == "warning"
    assert printed(checks.hosts(known(*needs, by_name=True)))[0][0] == "error"


def test_each_host_is_reported_once_with_those_who_use_it() -> None:
    needs = [need(f"p{i}", NVIDIA_HOST) for i in range(9)]
    found = one(checks.hosts(known(*needs)))
    assert "p0, p1, p2 and 6 more" in found.fix


# --- the toolkit

CDI = {
    "DiscoveredDevices": [{"Source": "cdi", "ID": "nvidia.com/gpu=0"}, {"Source": "cdi", "ID": "nvidia.com/gpu=all"}]
}
BY_NAME = NVIDIA_HOST._replace(toolkit="cdi")


@pytest.mark.parametrize(
    ("host", "info", "programs", "level"),
    [
        (NVIDIA_HOST, {"Runtimes": {"nvidia": {}, "runc": {}}}, (), "ok"),
        (NVIDIA_HOST, {"Runtimes": {"runc": {}}}, ("nvidia-container-runtime-hook",), "note"),
        (NVIDIA_HOST, {"Runtimes": {"runc": {}}}, (), "error"),
        (NVIDIA_HOST, {"Runtimes": None, "DiscoveredDevices": None}, (), "error"),
        (NVIDIA_HOST, {}, (), "error"),
        (NVIDIA_HOST, CDI, (), "warning"),
        (BY_NAME, CDI, (), "ok"),
        (BY_NAME, {"DiscoveredDevices": None}, (), "error"),
        (BY_NAME, {"DiscoveredDevices": [{"Source": "cdi", "ID": "vendor.com/x=0"}, "odd"]}, (), "error"),
        (BY_NAME, {"Runtimes": {"nvidia": {}}}, (), "note"),
    ],
)
def test_docker_can_hand_out_gpus(host: Machine, info: Any, programs: tuple[str, ...], level: str) -> None:
    facts = known(need("ocr", host), machine=with_nvidia(RTX), docker=docker(info=info), toolkit=programs)
    assert one(checks.toolkit(facts)).level == level


@pytest.mark.parametrize(
    "facts",
    [
        known(need("chat", CPU_HOST)),
        known(need("ocr", NVIDIA_HOST), docker=docker(server="")),
        known(need("ocr", NVIDIA_HOST), machine=machine(), by_name=True),
        known(need("ocr", NVIDIA_HOST), machine=with_nvidia(RTX), docker=docker(address="ssh://gpu")),
    ],
    ids=["no claim", "no engine", "another machine", "engine elsewhere"],
)
def test_nothing_is_reported_of_gpus_where_nothing_can_be_reported(facts: Any) -> None:
    assert printed(checks.toolkit(facts)) == []


# --- the driver


@pytest.mark.parametrize(
    ("card", "image", "env", "level"),
    [
        (RTX, VLLM, None, "ok"),
        (replace(RTX, driver="535.104"), VLLM, None, "error"),
        (H100, VLLM, None, "warning"),
        (replace(RTX, driver="535.104"), "vllm/vllm-openai:v0.19.1", None, "ok"),
        (replace(RTX, driver="470.2"), "vllm/vllm-openai:v0.19.1", None, "error"),
        (replace(RTX, driver="535.104"), VLLM, {"CUDA_VERSION": "12.9.1"}, "ok"),
        (replace(RTX, driver="535.104"), "me/own:1", {"CUDA_VERSION": "13.0.2"}, "error"),
        (RTX, "me/own:1", None, "note"),
        (replace(RTX, driver=None), VLLM, None, "note"),
    ],
)
def test_the_driver_against_the_cuda_of_the_image(
    card: Any, image: str, env: Mapping[str, str] | None, level: str
) -> None:
    images = {image: env or None}
    facts = known(need("ocr", NVIDIA_HOST, image=image), machine=with_nvidia(card), images=images)
    assert one(checks.driver(facts)).level == level


def test_a_driver_that_does_not_answer_is_an_error_in_its_own_text() -> None:
    found = one(checks.driver(known(need("ocr", NVIDIA_HOST, image=VLLM), machine=BROKEN)))
    assert found.level == "error"
    assert "couldn't communicate" in found.what
    assert "nvidia-smi is missing" in one(checks.driver(known(need("ocr", NVIDIA_HOST), machine=BARE))).what


@pytest.mark.parametrize(
    ("image", "cuda"),
    [
        ("vllm/vllm-openai:v0.24.0", 13),
        ("vllm/vllm-openai:v0.24.0@sha256:" + "a" * 64, 13),
        ("vllm/vllm-openai:v0.20.0", 13),
        ("vllm/vllm-openai:v0.9.2", 12),
        ("vllm/vllm-openai:v0.24.0-cu129", 12),
        ("vllm/vllm-openai:v0.14.0-cu130", 13),
        ("vllm/vllm-openai:nightly", None),
        ("vllm/vllm-openai-rocm:v0.24.0", None),
        ("ghcr.io/ggml-org/llama.cpp:server-cuda-b9603", 12),
        ("ghcr.io/ggml-org/llama.cpp:server-cuda13-b9603", 13),
        ("ghcr.io/ggml-org/llama.cpp:server-b9603", None),
        ("ghcr.io/ikawrakow/ik-llama-cpp:cu12-server", 12),
        ("lmsysorg/sglang:v0.5.19-cu129", 12),
        ("lmsysorg/sglang:v0.5.20", 13),
        ("lmsysorg/sglang:v0.5.15.post1", 13),
        ("lmsysorg/sglang:v0.5.12", None),  # between the two nothing is certain
        ("lmsysorg/sglang:v0.5.10", 12),
        ("mmcompose/sam3:abc", None),
        ("documents:cu", None),
        ("", None),
    ],
)
def test_the_cuda_release_of_an_image_is_known_or_reported_to_be_unknown(image: str, cuda: int | None) -> None:
    assert of_image(image, None)[0] == cuda


@pytest.mark.parametrize("env", [{}, {"CUDA_VERSION": ""}, {"CUDA_VERSION": "twelve"}, {"PATH": "/usr/bin"}])
def test_an_image_that_does_not_tell_is_judged_by_its_name(env: dict[str, str]) -> None:
    assert of_image(VLLM, env) == (13, "its release")


# --- device files


@pytest.mark.parametrize(
    ("files", "host", "level", "arguments"),
    [
        ((NODE,), INTEL_HOST, "ok", "/dev/dri/renderD128 can be opened"),
        ((replace(NODE, gid=993),), INTEL_HOST, "error", "belongs to group 993 (render), the host file names 992"),
        ((replace(NODE, gid=107, group=None),), INTEL_HOST, "error", "belongs to group 107"),
        (
            (replace(NODE, path="/dev/dri/renderD129"),),
            INTEL_HOST,
            "error",
            "/dev/dri/renderD128 is not on this machine (here: /dev/dri/renderD129)",
        ),
        ((), INTEL_HOST, "error", "(here: none)"),
        ((NODE,), INTEL_HOST._replace(devices=()), "error", "no device files are declared"),
        ((NODE,), INTEL_HOST._replace(groups={}), "error", "the host file names none"),
    ],
)
def test_device_files_and_their_groups(files: Any, host: Machine, level: str, arguments: str) -> None:
    found = one(checks.device_files(known(need("order", host), machine=with_intel(*files))))
    assert (found.level, arguments in found.what) == (level, True), found


def test_the_fix_of_a_group_is_the_line_to_write() -> None:
    facts = known(need("order", INTEL_HOST), machine=with_intel(replace(NODE, gid=993)))
    assert "groups: {render: 993} in profiles/hosts/igpu.yaml" in one(checks.device_files(facts)).fix


def test_a_machine_of_another_kind_has_no_device_files_to_judge() -> None:
    assert printed(checks.device_files(known(need("chat", CPU_HOST), machine=machine(nvidia=Read((RTX,)))))) == []
