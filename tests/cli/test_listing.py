"""`mmcompose list`, `schema`, `completion`, `--version` and help: what there is, for people and for machines."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from jsonschema import Draft7Validator

from mmcompose import __version__
from mmcompose.model.commands import COMMANDS
from tests.disk import CHAT, mmcompose, project
from tests.making import ROOT

OCR = "model: glm-ocr\nports: {api: 8000}\ndescription: reads pages\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return project(tmp_path, {"aa": OCR, "bb": OCR, "cc": CHAT})


def rows(folder: Path, *arguments: str) -> list[dict[str, str]]:
    answer = mmcompose(folder, "list", *arguments, "--format", "json")
    assert answer.code == 0, answer.err
    found: list[dict[str, str]] = json.loads(answer.out)
    return found


def test_profiles_are_listed_with_what_matters_for_a_choice(folder: Path) -> None:
    assert rows(folder)[0] == {
        "profile": "aa",
        "model": "glm-ocr",
        "backend": "vllm",
        "version": "v0.24.0",
        "host": "gpu-12gb",
        "gpus": "0",
        "ports": "8000",
        "description": "reads pages",
    }
    lines = mmcompose(folder, "list").out.splitlines()
    assert lines[0].split() == ["PROFILE", "MODEL", "BACKEND", "VERSION", "HOST", "GPUS", "PORTS", "DESCRIPTION"]
    assert [line.split()[0] for line in lines[1:]] == ["aa", "bb", "cc"]


def test_every_pair_of_one_host_is_judged_with_the_reason(folder: Path) -> None:
    assert rows(folder, "--coexist") == [
        {
            "host": "gpu-12gb",
            "profile": "aa",
            "with": "bb",
            "together": "no",
            "because": "both claim GPU 0 alone; both publish port 8000",
        }
    ]


@pytest.mark.parametrize("kind", ["hosts", "backends", "models"])
def test_hosts_backends_and_models_are_listed_with_their_files(folder: Path, kind: str) -> None:
    found = rows(folder, kind)
    shipped = sorted(path.stem for path in (ROOT / "profiles" / kind).glob("*.yaml"))
    assert [row[kind.removesuffix("s")] for row in found] == shipped
    assert all(row["file"].startswith("mmcompose:profiles/") for row in found)


def test_an_empty_project_has_nothing_to_list(tmp_path: Path) -> None:
    folder = project(tmp_path, {})
    assert mmcompose(folder, "list") == (0, "", "no profiles\n")
    assert mmcompose(folder, "list", "--coexist") == (0, "", "nothing to list\n")
    assert rows(folder) == []
    answer = mmcompose(folder, "validate")
    assert (answer.code, answer.err.startswith("there are no profiles: `mmcompose ")) == (0, True)


def test_what_is_right_is_listed_beside_what_is_wrong(folder: Path) -> None:
    project(folder, {"dd": "modle: x\n"})
    answer = mmcompose(folder, "list")
    assert answer.code == 2
    assert "aa" in answer.out
    assert "profiles/dd.yaml:1:1: modle: is not a known key" in answer.err


@pytest.mark.parametrize("kind", ["project", "profile", "backend", "runtime", "model", "host", "service"])
def test_a_schema_is_printed_whole(tmp_path: Path, kind: str) -> None:
    whole = json.loads(mmcompose(tmp_path, "schema", kind).out)
    Draft7Validator.check_schema(whole)
    assert whole["title"] == f"mmcompose {kind}"
    assert "$ref" not in json.dumps(whole)


PROGRAM = Path(sys.executable).parent / "mmcompose"


def completed(folder: Path, shell: str, parts: str) -> list[str]:
    requested = {
        "_MMCOMPOSE_COMPLETE": f"{shell}_complete",
        "COMP_WORDS": parts,
        "COMP_CWORD": str(len(parts.split()) - 1),
    }
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **requested}
    result = subprocess.run([PROGRAM], cwd=folder, env=environment, check=False, capture_output=True, text=True)
    assert result.stderr == ""
    return [line.partition(",")[2] for line in result.stdout.split()]


def test_a_shell_completes_commands_and_the_profiles_of_the_project(folder: Path) -> None:
    assert completed(folder, "bash", "mmcompose rend") == ["render"]
    assert completed(folder, "bash", "mmcompose explain a") == ["aa"]
    assert completed(folder.parent, "bash", "mmcompose explain a") == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_completion_script_is_printed_for_each_shell(tmp_path: Path, shell: str) -> None:
    assert "_MMCOMPOSE_COMPLETE" in mmcompose(tmp_path, "completion", shell).out


def test_the_version_is_the_package_s() -> None:
    assert mmcompose(ROOT, "--version").out == f"mmcompose {__version__}\n"


@pytest.mark.parametrize("name", ["init", "list", "validate", "explain", "render", "schema", "completion", "upgrade"])
def test_the_help_of_a_command_has_an_example(name: str) -> None:
    answer = mmcompose(ROOT, name, "--help")
    assert answer.code == 0
    assert f"  mmcompose {name}" in answer.out


def test_help_names_every_command_and_each_has_a_help_of_its_own() -> None:
    whole = mmcompose(ROOT, "--help").out
    for name in COMMANDS:
        assert f"\n  {name} " in whole
        assert mmcompose(ROOT, name, "--help").code == 0


@pytest.mark.parametrize(
    ("parts", "printed"),
    [
        (["rendre"], "no command 'rendre' (did you mean render?)"),
        (["bench", "rnu"], "no command 'rnu' (did you mean run?)"),
        (["hosts", "dtect"], "no command 'dtect' (did you mean detect?)"),
        (["engines", "xyzzy"], "no command 'xyzzy' (`mmcompose engines --help` lists them)"),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(value),
)
def test_an_unknown_command_is_met_with_the_near_one(parts: list[str], printed: str) -> None:
    result = subprocess.run([PROGRAM, *parts], check=False, capture_output=True, text=True)
    assert (result.returncode, printed in result.stderr) == (2, True), result.stderr


def test_more_pairs_than_anybody_reads_are_not_looked_at(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mmcompose.core.place.coexist.LIMIT", 0)
    answer = mmcompose(folder, "list", "--coexist")
    assert answer.code == 1
    assert answer.err == "error: 1 pairs of profiles share a host; --coexist looks at 0 at most\n"
