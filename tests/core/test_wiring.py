"""Which hardware of its host a container is given."""

from __future__ import annotations

import pytest
import yaml

from tests.making import artifacts

NVIDIA = """\
machine:
  accelerator: nvidia
  gpus: [{name: A, vram: 24g, uuid: GPU-a}, {name: B, vram: 24g}]
  memory: 64g
  cores: 8
  uid: 1000
  gid: 1000
"""
OPEN = """\
machine:
  accelerator: %s
  gpus: [{name: A, vram: 24g}, {name: B, vram: 24g}]
  memory: 64g
  cores: 8
  uid: 1000
  gid: 1000
  groups: {video: 44, render: 992}
  devices: [%s]
"""
TWO = "/dev/dri/renderD128, /dev/dri/renderD129"


def given(host: str, text: str) -> dict[str, object]:
    files = {"profiles/hosts/box.yaml": host, "profiles/job.yaml": f"model: qwen-small\nhost: box\ngpu: {text}\n"}
    made = yaml.safe_load(artifacts(files)["compose/job.yaml"])["services"]["job"]
    cards = made["deploy"]["resources"].get("reservations", {}).get("devices", [{}])
    return {
        "ids": cards[0].get("device_ids"),
        "devices": [name.partition(":")[0] for name in made.get("devices", [])],
        "groups": made.get("group_add"),
    }


@pytest.mark.parametrize(
    ("host", "text", "ids", "devices", "groups"),
    [
        (NVIDIA, "{count: 2}", ["GPU-a", "1"], [], None),
        (NVIDIA, "{count: 0}", None, [], None),
        (NVIDIA + "  toolkit: cdi\n", "{count: 2}", None, ["nvidia.com/gpu=GPU-a", "nvidia.com/gpu=1"], None),
        (OPEN % ("amd", f"{TWO}, /dev/kfd"), "{count: 2}", None, [*TWO.split(", "), "/dev/kfd"], ["992", "44"]),
        (OPEN % ("intel", f"{TWO}, /dev/accel/accel0"), "{count: 0}", None, [], None),
    ],
)
def test_the_host_file_says_how_a_card_is_handed_over(
    host: str, text: str, ids: list[str] | None, devices: list[str], groups: list[str] | None
) -> None:
    assert given(host, text) == {"ids": ids, "devices": devices, "groups": groups}


@pytest.mark.parametrize(
    ("devices", "gets"),
    [
        (f"{TWO}, /dev/kfd", ["/dev/dri/renderD129", "/dev/kfd"]),
        ("/dev/kfd, /dev/dri", ["/dev/kfd", "/dev/dri"]),
        ("/dev/kfd, /dev/dri/renderD128", ["/dev/kfd", "/dev/dri/renderD128"]),
    ],
)
def test_a_card_s_own_render_node_is_given_where_the_host_file_tells_them_apart(devices: str, gets: list[str]) -> None:
    assert given(OPEN % ("amd", devices), "{count: 1, devices: [1]}")["devices"] == gets


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("model: glm-ocr\n", ["glm-ocr", "zai-org/GLM-OCR"]),
        ("model: glm-ocr\nserved_name: zai-org/GLM-OCR\n", ["zai-org/GLM-OCR"]),
        ("model: glm-ocr\nweights: {path: models/GLM-OCR}\n", ["glm-ocr"]),
    ],
)
def test_vllm_answers_to_the_short_name_and_to_that_of_the_repository(text: str, names: list[str]) -> None:
    made = yaml.safe_load(artifacts({"profiles/job.yaml": f"{text}bench: [sanity, vllm-bench]\n"})["compose/job.yaml"])
    command = made["services"]["job"]["command"]
    at = command.index("--served-model-name") + 1
    assert command[at : at + len(names)] == names
    assert (command[at + len(names) :] or ["--"])[0].startswith("--")
    requested = [str(term) for name, one in made["services"].items() if "bench" in name for term in one["entrypoint"]]
    assert names[0] in requested
    assert (
        "zai-org/GLM-OCR" not in requested[requested.index("--served-model-name") + 1 :]
        or names[0] == "zai-org/GLM-OCR"
    )
