"""`mmcompose explain`: every value can say where it was written, what it overrode, and why."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.disk import mmcompose, project
from tests.making import ROOT

if TYPE_CHECKING:
    from pathlib import Path

BASE = """\
model: thing
backend: vllm
args: {max_num_seqs: 16, kv_cache_dtype: fp8}
why:
  args.max_num_seqs: keeps latency steady
"""
MODEL = "weights: {repo: a/b, format: safetensors}\nargs: {max_num_seqs: 4}\n"
SEVERAL = "model: thing\nhost: gpu-8x\nservices:\n  big: {args: {max_num_seqs: 32}}\n  small: {}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    child = "extends: base\nports: {api: auto}\nargs: {kv_cache_dtype: null}\n"
    return project(tmp_path, {"base": BASE, "child": child, "several": SEVERAL, "profiles/models/thing.yaml": MODEL})


def explained(folder: Path, *arguments: str) -> list[str]:
    answer = mmcompose(folder, "explain", *arguments)
    assert answer.code == 0, answer.err
    return [" ".join(line.split()) for line in answer.out.splitlines()]


def test_a_value_says_where_it_was_written_what_it_overrode_and_why(folder: Path) -> None:
    assert explained(folder, "base", "args.max_num_seqs") == [
        "args.max_num_seqs = 16 profiles/base.yaml:3:8",
        "was 4 profiles/models/thing.yaml:2:8",
        "why: keeps latency steady",
    ]


def test_an_inherited_value_names_the_profile_that_wrote_it(folder: Path) -> None:
    assert explained(folder, "child", "args.max_num_seqs")[0] == "args.max_num_seqs = 16 profiles/base.yaml:3:8"


def test_a_value_that_was_removed_is_reported_too(folder: Path) -> None:
    assert explained(folder, "child", "args.kv_cache_dtype") == [
        "args.kv_cache_dtype = (removed) profiles/child.yaml:3:8",
        "was fp8 profiles/base.yaml:3:26",
    ]


def test_a_value_of_the_command_line_comes_first(folder: Path) -> None:
    assert explained(folder, "base", "args.max_num_seqs", "--set", "args.max_num_seqs=2") == [
        "args.max_num_seqs = 2 --set",
        "was 16 profiles/base.yaml:3:8",
        "was 4 profiles/models/thing.yaml:2:8",
    ]
    assert explained(folder, "base", "version", "--backend-version", "v0.30.0")[0] == (
        "version = v0.30.0 --backend-version"
    )


def test_a_derived_value_points_to_the_line_that_decided_it(folder: Path) -> None:
    lines = explained(folder, "base", "resources.memory")
    text = (ROOT / "profiles/defaults.yaml").read_text(encoding="utf-8").splitlines()
    place = f"mmcompose:profiles/defaults.yaml:{text.index('  memory: 85%') + 1}:3"
    assert lines[:2] == [f"resources.memory = 81817m {place}", f"was 85% {place}"]


def test_a_path_of_a_mapping_shows_everything_below_it(folder: Path) -> None:
    heads = [line for line in explained(folder, "base", "args") if line.startswith("args.")]
    assert [line.split(" = ")[0] for line in heads] == ["args.max_num_seqs", "args.kv_cache_dtype"]


def test_without_a_path_everything_is_shown(folder: Path) -> None:
    answer = mmcompose(folder, "explain", "base")
    assert "image = vllm/vllm-openai:" in answer.out
    assert answer.err.endswith("values; name one to see it alone\n")


def test_the_services_of_one_profile_are_distinguished(folder: Path) -> None:
    lines = explained(folder, "several", "services.big.args.max_num_seqs")
    assert lines[0] == "services.big.args.max_num_seqs = 32 profiles/several.yaml:4:16"
    assert explained(folder, "several", "services.small.args")[0] == (
        "services.small.args.max_num_seqs = 4 profiles/models/thing.yaml:2:8"
    )


def test_a_machine_gets_the_same_as_data(folder: Path) -> None:
    (found,) = json.loads(mmcompose(folder, "explain", "base", "args.max_num_seqs", "--format", "json").out)
    assert found == {
        "path": "args.max_num_seqs",
        "value": 16,
        "layer": "profile",
        "file": "profiles/base.yaml",
        "line": 3,
        "column": 8,
        "overrode": [
            {"value": 4, "layer": "model", "file": "profiles/models/thing.yaml", "line": 2, "column": 8},
        ],
        "why": "keeps latency steady",
    }


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("bass",), "error: no profile 'bass' (did you mean base?)\n"),
        (
            ("base", "args.max_num_sqs"),
            "error: base has no value 'args.max_num_sqs' (did you mean args.max_num_seqs?)\n",
        ),
        (("base", "model", "--set", "modle=x"), "--set: modle: is not a known key (did you mean model?)\n"),
        (("base", "model", "--set", "nothing"), "error: --set: 'nothing' is not path=value (such as args.x=1)\n"),
    ],
)
def test_what_is_not_there_is_reported_with_what_is_near(folder: Path, arguments: tuple[str, ...], error: str) -> None:
    answer = mmcompose(folder, "explain", *arguments)
    assert answer.code == 2
    assert answer.out == ""
    assert answer.err.startswith(error.partition(" (such")[0])


def test_a_port_and_a_claim_say_where_they_sit(folder: Path) -> None:
    assert mmcompose(folder, "render").code == 0
    assert explained(folder, "child", "ports.api")[:2] == [
        "ports.api = auto profiles/child.yaml:2:9",
        "sits at port 8101 of gpu-12gb",
    ]
    assert "sits on GPU 0 (NVIDIA 12 GB) of gpu-12gb" in explained(folder, "child", "gpu")
    (found,) = json.loads(mmcompose(folder, "explain", "child", "ports.api", "--format", "json").out)
    assert found["seat"] == 8101


def test_a_port_that_was_written_down_needs_no_seat(folder: Path) -> None:
    project(folder, {"fixed": "extends: base\nports: {api: 8150}\n"})
    lines = explained(folder, "fixed", "ports.api")
    assert lines[0] == "ports.api = 8150 profiles/fixed.yaml:2:9"
    assert not [line for line in lines if "sits" in line]


def test_each_service_of_a_profile_says_where_it_sits(folder: Path) -> None:
    lines = explained(folder, "several", "gpu.count")
    assert [line for line in lines if line.startswith("sits")] == [
        "sits on GPU 0 (NVIDIA 80 GB) of gpu-8x",
        "sits on GPU 1 (NVIDIA 80 GB) of gpu-8x",
    ]


def test_a_profile_that_cannot_be_resolved_says_why(folder: Path) -> None:
    project(folder, {"broken": "model: thin\n"})
    answer = mmcompose(folder, "explain", "broken")
    assert answer.code == 2
    assert "profiles/broken.yaml:1:8: model: no model 'thin' (did you mean thing?)" in answer.err
    assert answer.err.endswith("error: broken cannot be resolved\n")
    assert mmcompose(folder, "explain", "base", "model").code == 0
