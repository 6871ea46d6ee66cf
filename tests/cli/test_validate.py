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
            "message": "unknown key",
            "hint": "did you mean model?",
            "rule": "schema.additionalProperties",
            "severity": "error",
        },
        {
            "file": "profiles/bb.yaml",
            "line": 4,
            "column": 11,
            "path": "waivers",
            "message": "S01 is kept anyway",
            "hint": "remove the waiver",
            "rule": "S01",
            "severity": "warning",
        },
    ]


def test_github_gets_annotations(folder: Path) -> None:
    assert mmcompose(folder, "validate", "--format", "github").out.splitlines() == [
        "::error file=profiles/aa.yaml,line=1,col=1::modle: unknown key (did you mean model?)",
        "::warning file=profiles/bb.yaml,line=4,col=11::waivers: S01 is kept anyway (remove the waiver)",
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
    assert {rule["id"] for rule in run["tool"]["driver"]["rules"]} == {"schema.additionalProperties", "S01"}
    first = run["results"][0]
    assert first["level"] == "error"
    place = first["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "profiles/aa.yaml"
    assert place["region"] == {"startLine": 1, "startColumn": 1}


@pytest.mark.parametrize("style", ["json", "github", "sarif"])
def test_a_right_project_is_an_empty_answer_in_a_machine_s_format(tmp_path: Path, style: str) -> None:
    answer = mmcompose(project(tmp_path, {"aa": CHAT}), "validate", "--format", style)
    assert answer.code == 0
    assert answer.err == ""
    assert "problem" not in answer.out


def test_a_right_project_is_said_to_be_fine(tmp_path: Path) -> None:
    assert mmcompose(project(tmp_path, {"aa": CHAT}), "validate") == (0, "", "1 profile is fine\n")
    assert mmcompose(project(tmp_path, {"bb": CHAT}), "validate") == (0, "", "2 profiles are fine\n")


def test_another_release_can_be_tried_before_it_is_written_down(tmp_path: Path) -> None:
    folder = project(tmp_path, {"aa": "model: glm-ocr\nargs: {kv_offloading_size: 8}\n"})
    assert mmcompose(folder, "validate").code == 0
    answer = mmcompose(folder, "validate", "--backend-version", "v0.8.0")
    assert answer.code == 2
    assert "args.kv_offloading_size: not in vLLM v0.8.0 yet" in answer.err
