"""`mmcompose validate`: the same problems for people and for machines."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.disk import CHAT, mmcompose, project

if TYPE_CHECKING:
    from pathlib import Path

WAIVED = CHAT + "waivers: [{rule: S01, reason: nobody knows any more, until: 2099-01-01}]\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return project(tmp_path, {"aa": CHAT.replace("model", "modle"), "bb": WAIVED})


def test_json_tells_each_part_of_a_problem(folder: Path) -> None:
    answer = mmcompose(folder, "validate", "--format", "json")
    assert answer.code == 2
    assert answer.err == ""
    assert json.loads(answer.out) == [
        {
            "file": "profiles/aa.yaml",
            "line": 1,
            "column": 1,
            "path": "modle",
            "message": "is not a known key",
            "hint": "did you mean model?",
            "rule": "schema.additionalProperties",
            "severity": "error",
        },
        {
            "file": "profiles/bb.yaml",
            "line": 4,
            "column": 11,
            "path": "waivers",
            "message": "this service does not break S01",
            "hint": "remove the waiver",
            "rule": "S01",
            "severity": "warning",
        },
    ]


def test_github_gets_annotations(folder: Path) -> None:
    assert mmcompose(folder, "validate", "--format", "github").out.splitlines() == [
        "::error file=profiles/aa.yaml,line=1,col=1::modle: is not a known key (did you mean model?)",
        "::warning file=profiles/bb.yaml,line=4,col=11::waivers: this service does not break S01 (remove the waiver)",
    ]


def test_an_annotation_cannot_be_forged_by_what_a_file_holds(tmp_path: Path) -> None:
    folder = project(tmp_path, {"aa": 'model: "a\\n::error::b%"\n'})
    (line,) = mmcompose(folder, "validate", "--format", "github").out.splitlines()
    assert line.startswith("::error file=profiles/aa.yaml,line=1,col=8::")
    assert "%25" in line


def test_sarif_names_rules_and_places(folder: Path) -> None:
    whole = json.loads(mmcompose(folder, "validate", "--format", "sarif").out)
    assert whole["version"] == "2.1.0"
    (run,) = whole["runs"]
    rules = {rule["id"]: rule for rule in run["tool"]["driver"]["rules"]}
    assert set(rules) == {"schema.additionalProperties", "S01"}
    assert rules["S01"]["shortDescription"]["text"] == "not privileged"
    assert rules["S01"]["fullDescription"]["text"].endswith("such a container can do everything on the host")
    assert "docs/rules.md#s01" in rules["S01"]["help"]["markdown"]
    assert rules["schema.additionalProperties"]["shortDescription"]["text"] == "Keys and values that have a meaning"
    first = run["results"][0]
    assert first["level"] == "error"
    place = first["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "profiles/aa.yaml"
    assert place["region"] == {"startLine": 1, "startColumn": 1}


def test_the_place_in_sarif_is_a_name_and_no_address(tmp_path: Path) -> None:
    folder = project(tmp_path, {"profiles/%2e%2e a#b.yaml": CHAT})
    (run,) = json.loads(mmcompose(folder, "validate", "--format", "sarif").out)["runs"]
    place = run["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "profiles/%252e%252e%20a%23b.yaml"


@pytest.mark.parametrize("style", ["json", "github", "sarif"])
def test_a_right_project_is_an_empty_answer_in_a_machine_s_format(tmp_path: Path, style: str) -> None:
    answer = mmcompose(project(tmp_path, {"aa": CHAT}), "validate", "--format", style)
    assert answer.code == 0
    assert answer.err == ""
    assert "problem" not in answer.out


def test_a_right_project_is_reported_to_be_fine(tmp_path: Path) -> None:
    assert mmcompose(project(tmp_path, {"aa": CHAT}), "validate") == (0, "", "1 profile is fine\n")
    assert mmcompose(project(tmp_path, {"bb": CHAT}), "validate") == (0, "", "2 profiles are fine\n")


def test_another_release_can_be_tried_before_it_is_written_down(tmp_path: Path) -> None:
    folder = project(tmp_path, {"aa": "model: glm-ocr\nargs: {kv_offloading_size: 8}\n"})
    assert mmcompose(folder, "validate").code == 0
    answer = mmcompose(folder, "validate", "--backend-version", "v0.8.0")
    assert answer.code == 2
    assert "args.kv_offloading_size: is not in vLLM v0.8.0 yet" in answer.err


VLLM = "model: glm-ocr\nargs: {kv_offloading_size: 8}\n"


def test_what_is_tried_is_put_on_the_profiles_that_are_named(tmp_path: Path) -> None:
    folder = project(tmp_path, {"more": VLLM, "ocr": VLLM, "other": VLLM.replace("}", ", nonsense: 1}")})
    assert mmcompose(folder, "validate", "ocr", "--backend-version", "v0.33.0") == (0, "", "1 profile is fine\n")
    answer = mmcompose(folder, "validate", "ocr", "more", "--backend-version", "v0.8.0")
    assert answer.code == 2
    assert "--backend-version for ocr: version: v0.8.0 is too old" in answer.err
    assert "profiles/ocr.yaml:2:8: args.kv_offloading_size: is not in vLLM v0.8.0 yet" in answer.err
    assert "--backend-version for more: version: v0.8.0 is too old" in answer.err
    assert "nonsense" not in answer.err


def test_the_example_of_its_help_is_right_in_a_new_project(tmp_path: Path) -> None:
    assert mmcompose(tmp_path, "init", "job").code == 0
    shown = mmcompose(tmp_path, "validate", "--help").out
    arguments = next(line.split()[1:] for line in shown.splitlines() if "--backend-version v" in line)
    assert mmcompose(tmp_path / "job", *arguments) == (0, "", "1 profile is fine\n")


def test_a_value_of_the_command_line_that_is_at_fault_names_the_profile(tmp_path: Path) -> None:
    folder = project(tmp_path, {"aa": VLLM, "bb": VLLM})
    answer = mmcompose(
        folder, "validate", "--set", "args.nonsense=1", "--set", "resources.cpus=99", "--set", "gpu.count=9"
    )
    for name in ("aa", "bb"):
        assert f"--set for {name}: args.nonsense: is not a flag of vLLM v0.24.0" in answer.err
        assert f"--set for {name}: resources.cpus: must be at most 16, the cores of gpu-12gb, not 99" in answer.err
        assert f"--set for {name}: gpu.count: must be at most 1, the GPUs of gpu-12gb, not 9" in answer.err
    answer = mmcompose(folder, "validate", "bb", "--backend", "nonsense")
    assert "--backend for bb: backend: no backend 'nonsense'" in answer.err
    assert "aa" not in answer.err
    assert answer.err.endswith("\n1 problem\n")
    (line,) = mmcompose(folder, "validate", "bb", "--backend", "nonsense", "--format", "github").out.splitlines()
    assert line.startswith("::error::--backend for bb: backend: no backend 'nonsense'")


@pytest.mark.parametrize(
    ("files", "printed"),
    [
        ({"ocr": "modle: x\n"}, "profiles/ocr.yaml:1:1: modle: is not a known key"),
        ({"ocr": "extends: base\n", "base": "modle: x\n"}, "profiles/base.yaml:1:1: modle: is not a known key"),
        ({"ocr": "extends: nobody\n"}, "profiles/ocr.yaml:1:10: extends: no profile 'nobody'"),
        ({"ocr": "extends: ocr\n"}, "is a cycle"),
        ({"ocr": CHAT, "profiles/hosts/cpu.yaml": "machine: 1\n"}, "profiles/hosts/cpu.yaml:1:10: machine: "),
        (
            {"ocr": CHAT.replace("auto", "9000"), "zz": CHAT.replace("auto", "9000")},
            "9000 of zz is also the port of ocr",
        ),
        ({"ocr": CHAT, "templates/llamacpp/service.yaml.j2": "{{"}, "templates/llamacpp/service.yaml.j2"),
    ],
    ids=lambda value: "" if isinstance(value, str) else " ".join(value),
)
def test_all_that_a_named_profile_is_made_of_is_checked(tmp_path: Path, files: dict[str, str], printed: str) -> None:
    folder = project(tmp_path, {**files, "stranger": "modles: x\n"})
    answer = mmcompose(folder, "validate", "ocr")
    assert (answer.code, printed in answer.err) == (2, True), answer.err
    assert "modles" not in answer.err


def test_an_unknown_profile_is_reported_with_the_near_name(tmp_path: Path) -> None:
    folder = project(tmp_path, {"ocr": CHAT})
    answer = mmcompose(folder, "validate", "ocr", "ocx")
    assert (answer.code, answer.err) == (2, "error: no profile 'ocx' (did you mean ocr?)\n")


LOCAL = "backend: llamacpp\nhost: cpu\nports: {api: auto}\n"


@pytest.mark.parametrize(
    ("weights", "at", "missing"),
    [
        ("{path: models/a.gguf}", "4:11: warning: weights.path", "models/a.gguf"),
        ("{path: models, file: b.gguf, format: gguf}", "4:25: warning: weights.file", "models/b.gguf"),
    ],
)
def test_a_model_that_lies_only_where_it_is_served_is_a_warning_to_people_alone(
    tmp_path: Path, weights: str, at: str, missing: str
) -> None:
    folder = project(tmp_path, {"aa": f"{LOCAL}weights: {weights}\n", "models/c.gguf": "GGUF"})
    answer = mmcompose(folder, "validate")
    assert answer.code == 0
    assert f"profiles/aa.yaml:{at}: {missing} is not on this machine (put it there" in answer.err
    assert mmcompose(folder, "render").code == 0
    assert mmcompose(folder, "render", "--check") == (0, "", "up to date\n")
    assert mmcompose(folder, "validate", "--format", "github").out == ""
    (folder / missing).write_bytes(b"GGUF")
    assert "not on this machine" not in mmcompose(folder, "validate").err


def test_only_named_profiles_look_for_their_models(tmp_path: Path) -> None:
    folder = project(tmp_path, {"aa": f"{LOCAL}weights: {{path: models/a.gguf}}\n", "bb": CHAT})
    assert mmcompose(folder, "validate", "bb").err == "1 profile is fine\n"
    assert "models/a.gguf is not on this machine" in mmcompose(folder, "validate", "aa").err
